import { createHash } from 'node:crypto';
import { z } from 'zod';
import { entityInfo } from '../model/entity.ts';
import type { Manifest, ParserDefinition } from '../model/manifest.ts';
import { canonicalJson } from '../util/json.ts';

/**
 * What a parser is, as one text: the code of its integration (`codeHashOf`), which streams it reads in which way, how their
 * records are found and keyed, and the schemas of both sides, also where those are made at run time or come from a
 * package. Two parsers of one hash make the same entities from the same raw data.
 */
export function parserHash(manifest: Manifest, parser: ParserDefinition, code: string): string {
  const inputs = parser.inputs.map(({ stream, mode }) => {
    const definition = manifest.streams.find(({ name }) => name === stream);
    return {
      stream,
      mode,
      primaryKey: definition?.primaryKey,
      records: definition?.source.recordsPointer,
      schema: definition === undefined ? undefined : schemaText(definition.record),
      jsonSchema: definition?.jsonSchema,
    };
  });
  const entity = { info: entityInfo(parser.entity), schema: schemaText(parser.entity) };
  return createHash('sha256')
    .update(canonicalJson({ code, name: parser.name, inputs, entity }))
    .digest('hex');
}

/** What JSON Schema cannot say (transforms, refinements) is code, and is in the hash of the code. */
function schemaText(schema: z.ZodType): string {
  try {
    return canonicalJson(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', cycles: 'ref' }));
  } catch {
    return 'a schema that has no JSON form';
  }
}
