import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOARDS, firstItems, markedSince, ME, nextItems, TEAMS, USERS } from '../../integrations/monday/queries.ts';
import { parseOperation, type Selection } from '../emulators/monday/graphql-text.ts';

const SDL = resolve(import.meta.dirname, '../../../shared/data/monday/schema/monday-platform-api.schema.graphql');

describe.skipIf(!existsSync(SDL))(
  'the queries against the published schema of 2026-10 (skipped where it is missing)',
  () => {
    const types = existsSync(SDL) ? typesOf(readFileSync(SDL, 'utf8')) : {};

    it.each(
      Object.entries({
        ME,
        BOARDS,
        USERS,
        TEAMS,
        first: firstItems('2026-11-01T00:00:00.000Z'),
        next: nextItems(undefined),
      }),
    )('%s asks for fields that exist, with arguments that exist', (_name, query) => {
      expect(problems('Query', parseOperation(query).selections)).toEqual([]);
    });

    it('would find what 2026-10 has removed', () => {
      expect(problems('Query', parseOperation('{ users(limit: 1) { id is_admin } }').selections)).toEqual([
        'User.is_admin',
      ]);
    });

    function problems(type: string, selections: readonly Selection[]): readonly string[] {
      return selections.flatMap((selection): readonly string[] => {
        if (selection.kind === 'fragment') {
          return types[selection.on] === undefined ? [selection.on] : problems(selection.on, selection.selections);
        }
        if (selection.name === '__typename') return [];
        const field = types[type]?.[selection.name];
        if (field === undefined) return [`${type}.${selection.name}`];
        const wrong = Object.keys(selection.args).filter((name) => !field.args.includes(name));
        const inner = selection.selections === undefined ? [] : problems(field.type, selection.selections);
        const isLeaf = types[field.type] === undefined;
        const shape = isLeaf === (selection.selections === undefined) ? [] : [`${type}.${selection.name} {}`];
        return [...wrong.map((name) => `${type}.${selection.name}(${name})`), ...shape, ...inner];
      });
    }
  },
);

describe('the time from when on items count', () => {
  it('goes through a query and the names in its answer', () => {
    const query = firstItems('2026-11-01T09:08:07.654Z');
    const name = /since_\d+/.exec(query)?.[0] ?? '';
    expect(markedSince({ complexity: {}, [name]: 'Query' })).toBe('2026-11-01T09:08:07.000Z');
    expect(markedSince({ boards: [] })).toBeUndefined();
  });
});

interface FieldDefinition {
  readonly type: string;
  readonly args: readonly string[];
}

/** Enough of SDL: the object types and interfaces, their fields, the names of the arguments. */
function typesOf(sdl: string): Readonly<Record<string, Readonly<Record<string, FieldDefinition>>>> {
  const bare = sdl.replaceAll(/"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"/g, '');
  return Object.fromEntries(
    [...bare.matchAll(/^(?:type|interface) (\w+)[^{]*\{([\s\S]*?)^\}/gm)].map(([, name = '', fields = '']) => [
      name,
      Object.fromEntries(
        [...fields.matchAll(/(\w+)\s*(?:\(([^()]*)\))?\s*:\s*[[]*(\w+)/g)].map(
          ([, field = '', args = '', type = '']) => [
            field,
            { type, args: [...args.matchAll(/(\w+)\s*:/g)].map(([, argument = '']) => argument) },
          ],
        ),
      ),
    ]),
  );
}
