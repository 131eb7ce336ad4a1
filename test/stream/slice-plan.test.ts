import { describe, expect, it } from 'vitest';
import { defineIntegration, each, list, product, windows } from '../../src/index.ts';
import { planSlices } from '../../src/runtime/stream/slice-plan.ts';
import type { SliceSource } from '../../src/model/slice-source.ts';
import { base, problems, stream } from '../integration/things.ts';

const plan = (source: SliceSource, config: unknown = {}) =>
  planSlices(source, {
    stream: 'things',
    config,
    async *parentRecords() {
      yield* [{ id: 2 }, { id: '10' }, { id: 2 }];
    },
  });
const accounts: SliceSource = { kind: 'each', parent: 'accounts', key: '/id', as: 'account' };
const regions: SliceSource = {
  kind: 'config',
  slices: ({ config }) => Object(config).regions.map((region: unknown) => ({ region })),
};

describe('the slices of a stream', () => {
  it('are the product of stored parents, lists and what the config says', async () => {
    const both: SliceSource = { kind: 'product', factors: [accounts, regions] };
    expect(await plan(both, { regions: ['eu', 'us', 'eu'] })).toEqual([
      { account: '10', region: 'eu' },
      { account: '10', region: 'us' },
      { account: '2', region: 'eu' },
      { account: '2', region: 'us' },
    ]);
    expect(await plan(both, { regions: [] })).toEqual([]);
  });

  it('are refused when the config gives none, or a field twice', async () => {
    await expect(plan(regions, { regions: [1] })).rejects.toMatchObject({ code: 'DEFINITION' });
    const clash: SliceSource = {
      kind: 'product',
      factors: [accounts, { kind: 'config', slices: () => [{ account: 'x' }] }],
    };
    await expect(plan(clash)).rejects.toThrow("have a field 'account'");
  });

  it('wrong ones are told when the integration is loaded', () => {
    const A = stream('accounts');
    const told = problems(
      defineIntegration({
        ...base,
        streams: [
          A,
          stream('a', { slices: product(each(A), list('account', ['x'])) }),
          stream('b', { slices: product() }),
          stream('c', { slices: 'eu' }),
          stream('d', { slices: list([Object({ page: 1 })]) }),
          stream('e', { slices: windows({ size: '30d', from: '2020-01-01T00:00:00Z' }) }),
          stream('f', { cursor: 'at', slices: windows({ size: '0d', from: '2020-01-01T00:00:00Z' }) }),
          stream('g', { cursor: 'at', slices: windows({ size: '1d', from: '2020-01-01' }) }),
        ],
      }),
    );
    expect(told.map((line) => line.replace(/ →.*/, ''))).toEqual([
      "stream a: two parts of its slices have a field 'account'",
      'stream b: product() of nothing',
      'stream c: its slices are nothing that can be read by',
      'stream d: a slice of its list is no object with texts as its fields',
      'stream e: windows(…) needs a cursor',
      "stream f: windows of '0d' are no duration",
      "stream g: windows from '2020-01-01' are from no time with a zone",
    ]);
  });

  it('and flows that cannot be', () => {
    const at = { cursor: 'at' };
    const told = problems(
      defineIntegration({
        ...base,
        streams: [
          stream('a', { flow: 'immutable' }),
          stream('b', { ...at, flow: 'sometimes' }),
          stream('c', { ...at, flow: { full: { every: 0 } } }),
          stream('d', {
            ...at,
            flow: { full: { every: '7d' } },
            slices: windows({ size: '30d', from: '2020-01-01T00:00:00Z' }),
          }),
          stream('e', { history: '30d' }),
          stream('f', { ...at, precision: '0s' }),
          stream('g', { cursor: [] }),
          stream('h', { cursor: ['at', 'made.at'] }),
        ],
      }),
    );
    expect(told.map((line) => line.replace(/ →.*/, ''))).toEqual([
      'stream a: its flow needs a cursor',
      'stream b: its flow is none',
      'stream c: its flow is none',
      'stream d: it cannot be read in windows and listed in full',
      'stream e: there is a history and no cursor',
      "stream f: precision '0s' is no duration",
      'stream g: its list of cursors is empty',
      "stream h: cursor 'made.at' is neither a field's name nor a JSON pointer",
    ]);
  });
});
