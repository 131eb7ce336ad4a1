import { afterEach, describe, expect, it } from 'vitest';
import { defineIntegration, fullRefresh, incremental, parser } from '../../src/index.ts';
import { type Connection, connection } from './connection.ts';
import { base, items, Listed, Thing } from './things.ts';

const whatIsNew = parser({ listed: incremental(Listed) }, Thing, async function* ({ listed }) {
  for await (const { id, size } of listed) yield { id, size };
});
const whatIsThere = parser({ listed: fullRefresh(Listed) }, Thing, async function* ({ listed }) {
  for await (const { id, size } of listed) yield { id, size };
});
const definition = (things: typeof whatIsNew) =>
  defineIntegration({ ...base, streams: [Listed], entities: [Thing], parsers: { things } });

describe('a listing that is under way', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());
  const sizes = async (at: Connection) => (await at.rows('things')).map(({ size }) => size);

  it.each(['parse', 'restream'] as const)(
    'hides none of its records from an incremental input: %s',
    async (command) => {
      open = await connection(definition(whatIsNew));
      await open.page('listed', items(3), { listing: 1 });
      if (command === 'restream') await open.run('parse');
      await open.page('listed', items(1, 1000), { listing: 2, complete: false });
      await open.run(command);
      await open.page('listed', [...items(1, 1001, 1), ...items(1, 1, 2)], { listing: 2 });
      await open.run('parse');
      expect(await sizes(open)).toEqual([1000, 1001, 1]);
    },
  );

  it('shows none of them where the whole is asked for', async () => {
    open = await connection(definition(whatIsThere));
    await open.page('listed', items(3), { listing: 1 });
    await open.page('listed', items(1, 1000), { listing: 2, complete: false });
    await open.run('parse');
    expect(await sizes(open)).toEqual(items(3).map(({ size }) => size));
  });
});
