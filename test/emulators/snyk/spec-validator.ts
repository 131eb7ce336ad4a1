import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';

const root = new URL('../../../', import.meta.url);
const specUrl = new URL('../shared/data/snyk/openapi/snyk-rest.trimmed.openapi.json', root);

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where Snyk's published specification lies, beside the repository; it is not part of it. */
export const specPath = fileURLToPath(specUrl);

export function hasSpec(): boolean {
  return existsSync(specUrl);
}

/** Compiles a schema of the specification; `pointer` is a JSON pointer into the document. */
export function specValidator(): (pointer: string) => ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('uuid', uuid);
  ajv.addFormat('date-time', dateTime);
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('float', { type: 'number', validate: Number.isFinite });
  ajv.addFormat('int32', { type: 'number', validate: Number.isSafeInteger });
  ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
  ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/);
  ajv.addFormat('url', (text) => URL.canParse(text));
  const document = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(specUrl, 'utf8')));
  ajv.addSchema({ $id: 'snyk', ...z.record(z.string(), z.unknown()).parse(discriminated(document)) });
  return (pointer) => ajv.compile({ $ref: `snyk#${pointer}` });
}

/** The schema of a 200 of a path. */
export function successPointer(path: string): string {
  const escaped = path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
  return `/paths/${escaped}/get/responses/200/content/application~1vnd.api+json/schema`;
}

/**
 * In OpenAPI a discriminator names the one schema of a `oneOf` that holds; JSON Schema knows none. Snyk's risk factors
 * have four such schemas that are equal, so that without this every factor matches all four and `oneOf` never holds.
 */
function discriminated(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(discriminated);
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) copy[key] = discriminated(value);
  const parsed = z.object({ propertyName: z.string(), mapping: z.record(z.string(), z.string()) });
  const discriminator = parsed.safeParse(copy['discriminator']);
  if (discriminator.success && 'oneOf' in copy) {
    delete copy['oneOf'];
    delete copy['discriminator'];
    const { mapping, propertyName } = discriminator.data;
    copy['anyOf'] = Object.entries(mapping).map(([name, $ref]) => ({
      allOf: [{ properties: { [propertyName]: { const: name } }, required: [propertyName] }, { $ref }],
    }));
  }
  return copy;
}
