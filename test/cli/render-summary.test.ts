import { describe, expect, test } from 'vitest';
import { renderSummary } from '../../src/cli/render/summary.ts';
import type { ParserResult, StreamResult } from '../../src/model/results.ts';

const base = { integration: 'snyk', connection: 'snyk', ok: true, exitCode: 0, retryable: false, runId: 'r1' } as const;

function stream(part: Partial<StreamResult>): StreamResult {
  const empty = { slices: 1, pages: 0, records: 0, bytes: 0, requests: 0, retries: 0, waitedMs: 0 };
  return { name: 'issues', status: 'complete', ...empty, ...part };
}

const findings: ParserResult = {
  name: 'findings',
  generation: 3,
  inputs: { issues: 1312, projects: 27 },
  entities: { added: 1300, changed: 0, unchanged: 12, archived: 1 },
  quarantined: 0,
};

describe('the summary of a stream run', () => {
  test('has a line for each stream, totals and what to do next', () => {
    const text = renderSummary(
      {
        ...base,
        command: 'stream',
        streams: [
          stream({ pages: 12, records: 1180, bytes: 51_234, requests: 13, retries: 1, waitedMs: 2000 }),
          stream({ name: 'orgs', pages: 1, records: 1, requests: 1 }),
        ],
      },
      { next: ['sassy run snyk parse'] },
    );
    expect(text).toBe(
      [
        'issues  12 pages  1,180 records  13 requests, 1 retry  2.0 s waiting for the rate limit',
        'orgs    1 page    1 record       1 request',
        '2 streams complete: 1,181 new records, 13 pages in 14 requests, 51 kB',
        'next:  sassy run snyk parse',
        '',
      ].join('\n'),
    );
  });

  test('hides nothing that went wrong', () => {
    const error = { code: 'API_UNAVAILABLE', message: 'no \u001B[2Janswer', hint: 'run it again' };
    const text = renderSummary({
      ...base,
      command: 'stream',
      ok: false,
      resumeAfter: '2026-01-01T00:00:00Z',
      error,
      streams: [
        stream({ status: 'failed', error }),
        stream({ name: 'orgs', status: 'partial', invalid: 2, skippedSlices: 1 }),
      ],
    });
    for (const part of [
      /^issues .*failed$/m,
      /^ {4}API_UNAVAILABLE {2}no answer\n {4}fix {2}run it again$/m,
      /^orgs .*partial$/m,
      /! 2 records do not match the schema/,
      /! 1 slice was left out/,
      /0 streams complete, 1 partial, 1 failed: nothing new/,
      /again from 2026-01-01T00:00:00Z on/,
    ]) {
      expect(text).toMatch(part);
    }
    expect(text).not.toContain('\u001B');
  });
});

test('the summary of parse and restream: counts, quarantine, diff, drift', () => {
  const text = renderSummary({
    ...base,
    command: 'restream',
    parsers: [
      {
        ...findings,
        quarantined: 2,
        quarantine: '.sassy/q.jsonl',
        codeChanged: true,
        diff: {
          added: 1,
          gone: 0,
          changed: 1,
          unchanged: 5,
          fields: { severity: 1 },
          examples: [{ kind: 'changed', key: 'i1', fields: { severity: { before: 'low', after: undefined } } }],
        },
      },
    ],
    drift: [{ stream: 'issues', path: '/a/b', problem: 'new field', count: 7 }],
  });
  expect(text).toBe(
    [
      'findings  from 1,312 issues, 27 projects  +1,300 added  ~0 changed  -1 archived  12 unchanged  generation 3',
      '    +1 added  -0 gone  ~1 changed  5 unchanged',
      '    changed fields: severity 1',
      '      ~ i1',
      '          severity: "low" → (not there)',
      '    ! 2 records quarantined: .sassy/q.jsonl',
      '    ! the code has changed since this generation was made: restream brings it up to date',
      'drift: the API sends something else than the schema says',
      '    issues  /a/b  new field  7 times',
      '',
    ].join('\n'),
  );
});

test('sync shows both halves', () => {
  const text = renderSummary({ ...base, command: 'sync', streams: [stream({})], parsers: [findings], drift: [] });
  expect(text).toMatch(/^issues .*\n1 stream complete: nothing new.*\nfindings /);
});

test('check, test, record and status', () => {
  expect(
    renderSummary({
      ...base,
      command: 'check',
      checks: [{ name: 'the token works', ok: true }],
      streams: [{ name: 'issues', readable: false, error: { code: 'PERMISSION_DENIED', message: '403' } }],
    }),
  ).toBe('ok  the token works\nx   stream issues\n    PERMISSION_DENIED  403\n');

  expect(
    renderSummary({
      ...base,
      command: 'test',
      passed: 1,
      failed: 1,
      skipped: 0,
      cases: [
        { name: 'basic', outcome: 'passed' },
        { name: 'basic, 429', outcome: 'failed', reason: 'two\nlines' },
      ],
    }),
  ).toBe('ok  basic\nx   basic, 429\n      two\n      lines\n1 passed  1 failed  0 skipped\n');

  expect(
    renderSummary({
      ...base,
      command: 'record',
      scenario: 'basic',
      file: 'snapshots/snyk/basic.json',
      interactions: 4,
      streams: [stream({ pages: 4 })],
      entities: { findings: 3 },
    }),
  ).toContain('recorded basic: 4 interactions in snapshots/snyk/basic.json\n  replayed to 3 findings\n');

  const status = renderSummary({
    ...base,
    command: 'status',
    lock: { pid: 7, hostname: 'h', since: '2026-01-01T00:00:00Z', command: 'stream' },
    streams: [
      {
        name: 'issues',
        commits: 2,
        committedAt: '2026-01-02',
        pages: 4,
        records: 312,
        bytes: 9,
        slices: 2,
        openSlices: 1,
        cursor: 'c',
      },
      { name: 'orgs', commits: 0, pages: 0, records: 0, bytes: 0, slices: 0, openSlices: 0 },
    ],
    parsers: [{ name: 'findings', behind: { issues: 2, orgs: 0 }, codeChanged: true }],
  });
  for (const part of [
    '2 slices, 1 under way',
    'up to c',
    'nothing committed yet',
    'never run',
    '2 commits of issues to read',
    'process 7 on h',
  ]) {
    expect(status).toContain(part);
  }
});
