import { z } from 'zod';
import { isObject } from '../util/json.ts';

const NUMERAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A number of the vendor's as the text it was spelled with: `12.50` stays `12.50`, thirty digits stay thirty. For money
 * and for ids beyond 2^53. Takes numbers and texts that are numbers; in a record's schema only.
 */
export function decimalText(): z.ZodString {
  return z.string().regex(NUMERAL, 'it is no number');
}

/** True for the definition of a schema that `decimalText` made, with whatever was added to it. */
export function isDecimalText(definition: Readonly<Record<string, unknown>>): boolean {
  const checks = Array.isArray(definition['checks']) ? definition['checks'] : [];
  return checks.some((check: unknown) => {
    const inner = isObject(check) && isObject(check['_zod']) ? check['_zod']['def'] : undefined;
    return isObject(inner) && inner['pattern'] instanceof RegExp && inner['pattern'].source === NUMERAL.source;
  });
}
