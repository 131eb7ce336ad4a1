import { type Entity, entityInfo } from '../model/entity.ts';
import type { ParserDefinition, ParserInput } from '../model/manifest.ts';
import { refName } from './lower-slices.ts';
import type { NamedParser } from './define-integration.ts';
import { isStreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import type { LoweredStream } from './lower-stream.ts';

const PARSER_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** Checks the entities of an integration: each made by `entity()`, no name, table or key twice or missing. */
export function checkEntities(given: readonly unknown[]): {
  readonly entities: readonly Entity[];
  readonly problems: readonly Problem[];
} {
  const entities = given.filter(isEntity);
  const problems: Problem[] = given.flatMap((value, index) =>
    isEntity(value)
      ? []
      : [
          {
            what: `entities[${index}] is ${value === undefined ? 'undefined' : 'not made by entity()'}`,
            fix: "write export const Finding = entity('Finding', { key: 'id' }, { … })",
          },
        ],
  );
  const infos = entities.flatMap((value) => entityInfo(value) ?? []);
  for (const name of repeated(infos.map((info) => info.name))) {
    problems.push({ what: `two entities are named ${name}`, fix: 'rename one of them' });
  }
  for (const table of repeated(infos.map((info) => info.table))) {
    const names = infos.filter((info) => info.table === table).map((info) => info.name);
    if (new Set(names).size < 2) continue;
    problems.push({
      what: `the entities ${names.join(' and ')} have the same table, ${table}`,
      fix: "give one of them another: entity('…', { key, table: '…' }, …)",
    });
  }
  for (const value of entities) {
    const info = entityInfo(value);
    const missing = info?.key.filter((field) => !Object.hasOwn(value.shape, field)) ?? [];
    if (info === undefined || (missing.length === 0 && info.key.length > 0)) continue;
    const what = missing.length === 0 ? 'has no key' : `has a key that is none of its fields: ${missing.join(', ')}`;
    problems.push({ what: `the entity ${info.name} ${what}`, fix: 'name one of its fields as the key' });
  }
  return { entities, problems };
}

/** Checks the parsers against the streams and entities of their integration. */
export function checkParsers(
  parsers: readonly NamedParser[],
  lowered: readonly LoweredStream[],
  entities: readonly unknown[],
): { readonly parsers: readonly ParserDefinition[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const definitions: ParserDefinition[] = [];
  for (const parser of parsers) {
    const { name, entity, inputs } = parser;
    if (!PARSER_NAME.test(name))
      problems.push({ what: `'${name}' is no name for a parser`, fix: 'write letters and digits, a letter first' });
    if (inputs.length === 0) {
      problems.push({
        what: `the parser ${name} has no input`,
        fix: 'give it a parameter with @FullRefresh(Stream) or @Incremental(Stream)',
      });
    }
    problems.push(...entityProblems(name, entity, entities));
    const named = inputs.map((input) => lowerInput(name, input, lowered));
    const { parallel = false } = parser;
    if (parallel && inputs.length > 1 && inputs.filter(({ mode }) => mode === 'incremental').length !== 1) {
      problems.push({
        what: `the parser ${name} is parallel, and none of its inputs is the one whose records are shared out`,
        fix: 'give it one @Incremental input or a single input, or leave parallel out',
      });
    }
    problems.push(...named.flatMap((input) => ('what' in input ? [input] : [])));
    if (isEntity(entity)) {
      definitions.push({
        name,
        entity,
        ...(parallel ? { parallel } : {}),
        inputs: named.flatMap((input) => ('what' in input ? [] : [input])),
        run: (given) => parser.run(given),
      });
    }
  }
  for (const name of repeated(parsers.map((parser) => parser.name))) {
    problems.push({ what: `two parsers are named ${name}`, fix: 'rename one of them' });
  }
  return { parsers: definitions, problems };
}

function entityProblems(name: string, entity: unknown, entities: readonly unknown[]): readonly Problem[] {
  const info = entityInfo(entity);
  if (info === undefined) {
    const what = `the parser ${name} makes ${entity === undefined ? 'undefined' : 'something that is not made by entity()'}`;
    return [{ what, fix: 'write @Parser(Finding), with a schema made by entity()' }];
  }
  if (entities.includes(entity)) return [];
  return [
    {
      what: `the parser ${name} makes ${info.name}, which is not in entities`,
      fix: `add ${info.name} to the integration's entities`,
    },
  ];
}

function lowerInput(
  name: string,
  { mode, stream }: NamedParser['inputs'][number],
  lowered: readonly LoweredStream[],
): ParserInput | Problem {
  const found = lowered.find(({ ref }) => ref === stream);
  if (found !== undefined) {
    const { value } = found;
    const keys = typeof value?.primaryKey === 'string' ? 1 : (value?.primaryKey?.length ?? 0);
    const is = refName(stream);
    const isListed = value?.cursor === undefined || value.flow === 'full' || typeof value.flow === 'object';
    if (mode === 'archived' && !isListed) {
      const what = `the parser ${name} reads @Archived(${is}), and ${is} is incremental: it never shows what is gone`;
      return {
        what,
        fix: `use @Archived with a stream that has no cursor, or give it flow: { full: { every: '7d' } }`,
      };
    }
    if ((mode === 'archived' || mode === 'latest') && value !== undefined && keys === 0) {
      const what = `the parser ${name} reads @${mode === 'latest' ? 'Latest' : 'Archived'}(${is}), and ${is} has no primaryKey`;
      return { what, fix: `give ${is} a primaryKey` };
    }
    return { mode, stream: value?.name ?? is };
  }
  if (typeof stream !== 'function' && !isStreamValue(stream)) {
    const what = `the parser ${name} reads ${stream === undefined ? 'undefined' : 'something that is no stream'}`;
    return { what, fix: 'name a class with @Stream, from a file that does not import this one' };
  }
  const is = refName(stream);
  return {
    what: `the parser ${name} reads ${is}, which is not in streams`,
    fix: `add ${is} to the integration's streams`,
  };
}

function isEntity(value: unknown): value is Entity {
  return entityInfo(value) !== undefined;
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
