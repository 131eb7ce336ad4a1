import { nameOf } from './decorator-place.ts';
import { type IntegrationRecord, type IntegrationValue, isIntegrationValue } from './define-integration.ts';
import type { Problem } from './definition-problem.ts';
import { isIntegrationClass, lowerIntegration } from './lower-integration.ts';
import { readMetadata } from './metadata.ts';
import { INTEGRATION, PROBLEMS } from './records.ts';

/** Finds the one integration among what a module exports; also takes the class or the value itself. */
export function findIntegration(exported: unknown): {
  readonly value: IntegrationValue | undefined;
  readonly problems: readonly Problem[];
} {
  const exports = exportsOf(exported);
  const found = [...new Set(exports.map(([, value]) => value))].filter(
    (value) => isIntegrationValue(value) || optionsOf(value) !== undefined,
  );
  const [first] = found;
  if (first === undefined) return { value: undefined, problems: noneFound(exports) };
  if (found.length > 1) {
    const names = exports.filter(([, value]) => found.includes(value)).map(([name]) => name);
    const what = `two integrations are exported: ${names.join(' and ')}`;
    return { value: undefined, problems: [{ what, fix: 'give each its own folder in integrations/' }] };
  }
  if (isIntegrationValue(first)) return { value: first, problems: [] };
  const options = optionsOf(first);
  if (typeof first !== 'function' || options === undefined) return { value: undefined, problems: noneFound(exports) };
  return lowerIntegration(first, options);
}

function exportsOf(exported: unknown): readonly (readonly [string, unknown])[] {
  if (typeof exported === 'function' || isIntegrationValue(exported)) return [[nameOf(exported), exported]];
  return typeof exported === 'object' && exported !== null ? Object.entries(exported) : [];
}

function optionsOf(value: unknown): IntegrationRecord | undefined {
  return typeof value === 'function' ? readMetadata(INTEGRATION, value) : undefined;
}

function noneFound(exports: readonly (readonly [string, unknown])[]): readonly Problem[] {
  const classes = exports.flatMap(([, value]) => (typeof value === 'function' ? [value] : []));
  const recorded = classes.flatMap((value) => readMetadata(PROBLEMS, value) ?? []);
  if (recorded.length > 0) return recorded;
  const bare = classes.find((value) => isIntegrationClass(value));
  if (bare !== undefined) {
    return [
      {
        what: `the class ${nameOf(bare)} has no @Integration`,
        fix: 'put @Integration({ title, config, http, streams, entities }) on it',
      },
    ];
  }
  const names = exports.map(([name]) => name);
  return [
    {
      what: `no integration is exported${names.length === 0 ? '' : `, only ${names.join(', ')}`}`,
      fix: 'export the class with @Integration, or what defineIntegration returns',
    },
  ];
}
