import type { Problem } from './quarantine-entry.ts';

/** What a vendor's JSON Schema has against a value; empty when nothing. */
export type JsonSchemaCheck = (value: unknown) => readonly Problem[];

/**
 * Compiles a JSON Schema: draft 2020-12 or 2019-09 where `$schema` says so, else draft 7. Keywords and formats that are
 * not known are passed over, because vendors put many of their own in. ajv is loaded here, for streams that name a schema.
 * @throws Error for a schema that is none
 */
export async function compileJsonSchema(schema: object): Promise<JsonSchemaCheck> {
  const draft = '$schema' in schema && typeof schema.$schema === 'string' ? schema.$schema : '';
  const options = { strict: false, validateFormats: false, allErrors: true, logger: false } as const;
  const validate = await compiler(draft, options, schema);
  return (value) =>
    validate(value) === true
      ? []
      : (validate.errors ?? []).map(({ instancePath, keyword, message, params }) => ({
          path: keyword === 'required' ? `${instancePath}/${String(params['missingProperty'])}` : instancePath,
          message: `JSON Schema: ${keyword === 'required' ? 'it is missing' : (message ?? keyword)}`,
        }));
}

interface Validate {
  (value: unknown): unknown;
  errors?:
    | readonly {
        readonly instancePath: string;
        readonly keyword: string;
        readonly message?: string;
        readonly params: Readonly<Record<string, unknown>>;
      }[]
    | null
    | undefined;
}

async function compiler(draft: string, options: object, schema: object): Promise<Validate> {
  if (draft.includes('2020-12')) {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    return new Ajv2020(options).compile(schema);
  }
  if (draft.includes('2019-09')) {
    const { Ajv2019 } = await import('ajv/dist/2019.js');
    return new Ajv2019(options).compile(schema);
  }
  const { Ajv } = await import('ajv');
  return new Ajv(options).compile(schema);
}
