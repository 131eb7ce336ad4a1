/** As much of GraphQL's language as clients send to read: one operation, variables, aliases, inline fragments. */
export interface Operation {
  readonly kind: string;
  /** The names of the declared variables. */
  readonly variables: readonly string[];
  readonly selections: readonly Selection[];
}

export interface Field {
  readonly kind: 'field';
  readonly name: string;
  /** The name in the answer. */
  readonly as: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly selections: readonly Selection[] | undefined;
}

export interface Fragment {
  readonly kind: 'fragment';
  readonly on: string;
  readonly selections: readonly Selection[];
}

export type Selection = Field | Fragment;

/** Stands for `$name` in arguments until `resolved`. */
export class Variable {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class GraphqlSyntaxError extends Error {}

const TOKEN = /\s+|,|#[^\n]*|(\.\.\.|[{}()[\]:$!=]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)/gy;

/** Throws GraphqlSyntaxError. */
export function parseOperation(text: string): Operation {
  return new Parser(tokensOf(text)).operation();
}

/** The value with every variable in it replaced; undefined where a variable was not sent. */
export function resolved(value: unknown, variables: Readonly<Record<string, unknown>>): unknown {
  if (value instanceof Variable) return variables[value.name];
  if (Array.isArray(value)) return value.map((item) => resolved(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner, variables)]));
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new GraphqlSyntaxError(`Syntax Error: Unexpected character: "${text[at] ?? ''}".`);
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  operation(): Operation {
    if (this.#peek() === '{') return { kind: 'query', variables: [], selections: this.#selections() };
    const kind = this.#name();
    if (/^\w/.test(this.#peek())) this.#name();
    const variables: string[] = [];
    if (this.#take('(')) {
      while (!this.#take(')')) {
        this.#expect('$');
        variables.push(this.#name());
        this.#expect(':');
        this.#type();
        if (this.#take('=')) this.#value();
      }
    }
    const selections = this.#selections();
    if (this.#peek() !== '') throw this.#unexpected();
    return { kind, variables, selections };
  }

  #selections(): Selection[] {
    this.#expect('{');
    const found: Selection[] = [];
    while (!this.#take('}')) found.push(this.#selection());
    return found;
  }

  #selection(): Selection {
    if (this.#take('...')) {
      this.#expect('on');
      return { kind: 'fragment', on: this.#name(), selections: this.#selections() };
    }
    const first = this.#name();
    const name = this.#take(':') ? this.#name() : first;
    const args: Record<string, unknown> = {};
    if (this.#take('(')) {
      while (!this.#take(')')) {
        const key = this.#name();
        this.#expect(':');
        args[key] = this.#value();
      }
    }
    return { kind: 'field', name, as: first, args, selections: this.#peek() === '{' ? this.#selections() : undefined };
  }

  #type(): void {
    if (this.#take('[')) {
      this.#type();
      this.#expect(']');
    } else this.#name();
    this.#take('!');
  }

  #value(): unknown {
    if (this.#take('$')) return new Variable(this.#name());
    if (this.#take('[')) {
      const list: unknown[] = [];
      while (!this.#take(']')) list.push(this.#value());
      return list;
    }
    if (this.#take('{')) {
      const object: Record<string, unknown> = {};
      while (!this.#take('}')) {
        const key = this.#name();
        this.#expect(':');
        object[key] = this.#value();
      }
      return object;
    }
    const token = this.#next();
    if (/^["\d-]/.test(token)) return JSON.parse(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (/^\w/.test(token)) return token;
    throw this.#unexpected();
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#unexpected();
  }

  #name(): string {
    if (!/^[A-Za-z_]/.test(this.#peek())) throw this.#unexpected();
    return this.#next();
  }

  #unexpected(): GraphqlSyntaxError {
    const token = this.#peek();
    return new GraphqlSyntaxError(`Syntax Error: Unexpected ${token === '' ? '<EOF>' : `"${token}"`}.`);
  }
}
