import { ApiError } from './api-error.ts';
import { type Field, parseOperation, resolved, type Selection } from './graphql-text.ts';
import { ARGUMENTS, TYPES } from './schema.ts';

/** Gives the value of a field that is not simply in its object: the fields of the root, and pages of items. */
export type Resolve = (type: string, field: Field, args: Readonly<Record<string, unknown>>, parent: unknown) => unknown;

export interface Executed {
  readonly data: Record<string, unknown>;
  /** Objects in the answer: what the emulator counts as complexity. */
  readonly objects: number;
  /** Where the cost goes, when the query asked for it. */
  readonly cost: Field | undefined;
}

/** Checks a query against the schema and answers it. Throws ApiError in the words of a GraphQL server. */
export function execute(text: string, variables: Readonly<Record<string, unknown>>, resolve: Resolve): Executed {
  const operation = parseOperation(text);
  if (operation.kind !== 'query') throw invalid(`the emulator only reads: ${operation.kind}`);
  let objects = 0;
  let cost: Field | undefined;

  function object(type: string, parent: unknown, selections: readonly Selection[]): Record<string, unknown> {
    objects += 1;
    const result: Record<string, unknown> = {};
    fill(result, type, parent, selections);
    return result;
  }

  function fill(
    result: Record<string, unknown>,
    type: string,
    parent: unknown,
    selections: readonly Selection[],
  ): void {
    for (const selection of selections) {
      if (selection.kind === 'fragment') {
        if (TYPES[selection.on] === undefined) throw invalid(`Unknown type "${selection.on}".`);
        check(selection.on, selection.selections);
        if (property(parent, '__typename') === selection.on) fill(result, selection.on, parent, selection.selections);
        continue;
      }
      result[selection.as] = value(type, parent, selection);
    }
  }

  function value(type: string, parent: unknown, field: Field): unknown {
    if (field.name === '__typename') return property(parent, '__typename') ?? type;
    const inner = typeOf(type, field);
    if (inner === 'Complexity') {
      cost = field;
      return null;
    }
    const args = argumentsOf(type, field, variables, operation.variables);
    const found = resolve(type, field, args, parent);
    if (inner === 'leaf' || found === null || found === undefined) return found ?? null;
    const nested = field.selections ?? [];
    return Array.isArray(found) ? found.map((item) => object(inner, item, nested)) : object(inner, found, nested);
  }

  const data = object('Query', {}, operation.selections);
  return { data, objects, cost };
}

/** Of fragments that apply to no object too. */
function check(type: string, selections: readonly Selection[]): void {
  for (const selection of selections) {
    if (selection.kind === 'fragment') continue;
    const inner = typeOf(type, selection);
    if (inner !== 'leaf') check(inner, selection.selections ?? []);
  }
}

function typeOf(type: string, field: Field): string {
  if (field.name === '__typename') return 'leaf';
  const inner = TYPES[type]?.[field.name];
  if (inner === undefined) throw invalid(`Cannot query field "${field.name}" on type "${type}".`);
  if (inner === 'leaf' && field.selections !== undefined) {
    throw invalid(`Field "${field.name}" must not have a selection since it has no subfields.`);
  }
  if (inner !== 'leaf' && field.selections === undefined) {
    throw invalid(`Field "${field.name}" of type "${inner}" must have a selection of subfields.`);
  }
  return inner;
}

function argumentsOf(
  type: string,
  field: Field,
  variables: Readonly<Record<string, unknown>>,
  declared: readonly string[],
): Readonly<Record<string, unknown>> {
  const known = ARGUMENTS[`${type}.${field.name}`] ?? [];
  for (const name of Object.keys(field.args)) {
    if (!known.includes(name)) throw invalid(`Unknown argument "${name}" on field "${type}.${field.name}".`);
  }
  const given = Object.fromEntries(Object.entries(variables).filter(([name]) => declared.includes(name)));
  return Object.fromEntries(
    Object.entries(field.args)
      .map(([name, found]) => [name, resolved(found, given)] as const)
      .filter(([, found]) => found !== undefined),
  );
}

export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function invalid(message: string): ApiError {
  return new ApiError(message, { code: 'GRAPHQL_VALIDATION_FAILED' });
}
