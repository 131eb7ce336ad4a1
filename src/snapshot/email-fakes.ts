// `%40`, `%2540`: an address that is a parameter of a URL, or of a URL inside a URL. A percent-encoded byte in front belongs
// to the text around (`%22ann@…`), not to the name.
const EMAIL =
  /(?:(?<=%(?:25[0-9A-Fa-f]{2}|(?!25)[0-9A-Fa-f]{2}))|(?<![A-Za-z0-9._+%-]))((?:[A-Za-z0-9._+-]|%(?:25)?2[Bb]){1,64})(@|%40|%2540)((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9-])/g;
/** Kept for documentation (RFC 2606): no person has these. Our own fakes are of this kind too. */
const RESERVED = /(?:^|\.)(?:example\.(?:com|org|net)|test|example|invalid|localhost)$/;
/** `lodash@4.17.21-beta.next` is a version, `git@github.com` an account of a machine. */
const VERSION = /^v?\d+\./;

/** Replaces e-mail addresses by `person-<n>@example.com`: the same address always by the same one, within one instance. */
export function emailFakes(): (text: string) => string {
  const numbers = new Map<string, number>();
  return (text) => {
    if (!text.includes('@') && !text.includes('40')) return text;
    return text.replace(EMAIL, (match, local: string, at: string, domain: string) => {
      if (VERSION.test(domain) || RESERVED.test(domain.toLowerCase()) || local === 'git') return match;
      const address = `${local.replace(/%(?:25)?2b/gi, '+')}@${domain}`.toLowerCase();
      const number = numbers.get(address) ?? numbers.size + 1;
      numbers.set(address, number);
      return `person-${number}${at}example.com`;
    });
  };
}
