import { type SecretForm, secretForms } from './secret-forms.ts';

/** The secrets known so far, their placeholders, and the replacing of one by the other. */
export interface SecretValues {
  /** The placeholder of a value, the same each time; the first value gets `<secret:1>`. */
  placeholder(value: string): string;
  /** From now on the value is replaced wherever it stands; a very short one only where it is the whole text. */
  learn(value: string): void;
  /** Replaces every known value in every spelling; `among` narrows the search, see `presentIn`. */
  replaceIn(text: string, among?: readonly KnownForm[]): string;
  /** The spellings that occur in a text, so that the many small strings cut from it need not be searched for all. */
  presentIn(text: string): readonly KnownForm[];
}

export interface KnownForm extends SecretForm {
  readonly placeholder: string;
}

export function secretValues(configured: readonly string[]): SecretValues {
  const numbers = new Map<string, number>();
  const known = new Set<string>();
  let forms: KnownForm[] = [];

  const placeholder = (value: string): string => {
    const number = numbers.get(value) ?? numbers.size + 1;
    numbers.set(value, number);
    return `<secret:${number}>`;
  };
  const learn = (value: string): void => {
    if (known.has(value)) return;
    known.add(value);
    const own = placeholder(value);
    // Longest first: a secret that is part of another, or of its encoding, must not leave the other's ends behind.
    forms = [...forms, ...secretForms(value).map((form) => ({ ...form, placeholder: own }))].sort(
      (a, b) => b.text.length - a.text.length,
    );
  };
  for (const value of configured) if (value !== '') learn(value);

  return {
    placeholder,
    learn,
    presentIn(text) {
      const unfolded = text.replace(/[\r\n]+/g, '');
      return forms.filter(
        (form) => text.includes(form.text) || (form.kind === 'base64' && unfolded.includes(form.text)),
      );
    },
    replaceIn(text, among = forms) {
      if (known.has(text)) return placeholder(text);
      return among.reduce((result, form) => (isIn(form, result) ? replaceForm(result, form) : result), text);
    },
  };
}

function isIn(form: SecretForm, text: string): boolean {
  // A mail or a PEM block folds base64 over several lines, so the search has to see the text without line breaks.
  return text.includes(form.text) || (form.kind === 'base64' && text.includes('\n') && folded(form.text).test(text));
}

function replaceForm(text: string, form: KnownForm): string {
  if (form.kind === 'whole') return text.replaceAll(form.text, () => form.placeholder);
  // The rest of the run carries the secret's last bits, and often the user's name. A `/` may belong to it or part a path.
  const inRun = /^\/|:\/\//.test(text) ? /^[A-Za-z0-9_-]$/ : /^[A-Za-z0-9+/_-]$/;
  const encoded = /^%2[BbFf]$/;
  let out = '';
  let done = 0;
  for (const match of text.matchAll(folded(form.text))) {
    let start = match.index;
    let end = start + match[0].length;
    if (start < done) continue;
    for (let step = 1; step > 0; start -= step) {
      step = inRun.test(text.charAt(start - 1)) ? 1 : encoded.test(text.slice(Math.max(0, start - 3), start)) ? 3 : 0;
      if (start - step < done) break;
    }
    for (let step = 1; step > 0; end += step) {
      step = inRun.test(text.charAt(end)) ? 1 : encoded.test(text.slice(end, end + 3)) ? 3 : 0;
    }
    end += /^(?:=|%3[Dd]){0,2}/.exec(text.slice(end, end + 6))?.[0].length ?? 0;
    out += text.slice(done, start) + form.placeholder;
    done = end;
  }
  return out + text.slice(done);
}

/** The text, with a line break allowed between any two characters. */
function folded(core: string): RegExp {
  const literals = [...core].map((c) => (/[\w%-]/.test(c) ? c : `\\${c}`));
  return new RegExp(literals.join('(?:\\r?\\n)?'), 'g');
}
