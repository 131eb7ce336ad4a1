import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordCheck } from '../../src/integration/record-check.ts';
import { record, SCHEMAS } from './record-schemas.ts';

describe('the check of a record', () => {
  it.each(Object.entries(SCHEMAS))('answers as zod does: %s', (_name, schema) => {
    const check = recordCheck(schema);
    fc.assert(
      fc.property(record, (item) => void expect(check(item)).toBe(schema.safeParse(item).success)),
      { numRuns: 400 },
    );
  });
});
