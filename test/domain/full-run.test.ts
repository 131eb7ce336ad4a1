import { describe, expect, it } from 'vitest';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { type RunningService, services } from './services.ts';

/**
 * By hand, one service at a time: `SASSY_RECORDS=10000 npx vitest run test/domain/full-run.test.ts -t snyk`. The small
 * runs of every day are those of `test/<service>/end-to-end.test.ts`, without limits and faults at once.
 */
const RECORDS = Number(process.env['SASSY_RECORDS'] ?? 0);
const reason = RECORDS > 0 ? '' : ' (skipped: set SASSY_RECORDS=10000 to run them)';
const CHANGED = 200;

/** One request in so many meets a fault. */
const EVERY = 12;

interface Figures {
  readonly step: string;
  readonly seconds: number;
  readonly records: number;
  readonly requests: number;
  readonly limited: number;
  readonly faults: number;
}

describe.skipIf(RECORDS === 0)(`a whole run with limits and faults${reason}`, () => {
  it.each(Object.keys(services))(
    '%s: what is stored and made is what the server has',
    async (name) => {
      const place = workspace();
      const running = await services[name]?.(RECORDS);
      if (running === undefined) throw new RangeError(name);
      const { emulator, env } = running;
      const rows: Figures[] = [];
      const sassy = async (...args: readonly string[]): Promise<CliAnswer> => {
        const answer = await runCli(['run', name, ...args, '--json'], { cwd: place.folder, env });
        expect(answer.code, `${args.join(' ')}: ${answer.stderr.slice(-2_000)}`).toBe(0);
        return answer;
      };
      const timed = async (step: string): Promise<CliAnswer> => {
        emulator.clearRequests();
        const startedAt = performance.now();
        const answer = await sassy(step);
        rows.push({ step, seconds: (performance.now() - startedAt) / 1_000, ...figures(running, answer, name) });
        return answer;
      };
      try {
        orderFaults(running, 10 + RECORDS / 500);
        await timed('stream');
        const missing: Record<string, number> = {};
        const doubled: Record<string, number> = {};
        for (const [stream, truth] of Object.entries(running.keys())) {
          const stored = (await sassy('show', stream, '--all'))
            .lines()
            .map((record) => String(record[running.keyField]));
          const once = new Set(stored);
          missing[stream] = truth.filter((key) => !once.has(key)).length + (once.size - truth.length);
          doubled[stream] = stored.length - once.size;
        }
        const none = Object.fromEntries(Object.keys(missing).map((stream) => [stream, 0]));
        expect({ missing, doubled }).toEqual({ missing: none, doubled: none });

        const parsed = await timed('parse');
        expect(parsed.json().parsers.map(({ quarantined }: { quarantined: number }) => quarantined)).toEqual(
          parsed.json().parsers.map(() => 0),
        );
        for (const [entity, count] of Object.entries(running.entities())) {
          expect((await sassy('show', entity)).lines(), entity).toHaveLength(count);
        }

        const { streams, fresh } = running.change(CHANGED);
        orderFaults(running, 3);
        const second = await timed('stream');
        const fetched = second
          .json()
          .streams.filter((line: { name: string }) => streams.includes(line.name))
          .reduce((sum: number, line: { records: number }) => sum + line.records, 0);
        expect(fetched).toBe(fresh);
        await timed('parse');

        const again = await timed('restream');
        expect(emulator.requests).toEqual([]);
        for (const { entities } of again.json().parsers) expect(entities).toMatchObject({ added: 0, changed: 0 });
        process.stdout.write(`${tableOf(name, rows)}\n`);
      } finally {
        await emulator.close();
        place.remove();
      }
    },
    1_200_000,
  );
});

/** Of each kind in turn, spread over the requests to come. */
function orderFaults({ emulator }: RunningService, count: number): void {
  const kinds = [
    { status: 503 },
    { reset: true } as const,
    { truncate: 200 },
    { status: 502, rawBody: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } },
    { status: 500 },
  ];
  for (let index = 0; index < count; index += 1) {
    const fault = kinds[index % kinds.length];
    if (fault !== undefined) emulator.failNext({ skip: 2 + index * EVERY }, fault);
  }
}

function figures({ emulator }: RunningService, answer: CliAnswer, name: string): Omit<Figures, 'step' | 'seconds'> {
  const { requests } = emulator;
  const read: readonly { readonly records: number }[] = answer.json().streams ?? [];
  // GitHub and Google's Storage refuse with 403 what is too much.
  const limits = name === 'github' || name === 'gcp' ? [429, 403] : [429];
  return {
    records: read.reduce((sum, { records }) => sum + records, 0),
    requests: requests.length,
    limited: requests.filter(({ status, fault }) => fault === undefined && limits.includes(status)).length,
    faults: requests.filter(({ fault }) => fault !== undefined).length,
  };
}

/** Rows for docs/integrations.md. */
function tableOf(name: string, rows: readonly Figures[]): string {
  const line = ({ step, seconds, records, requests, limited, faults }: Figures): string =>
    `| ${name} | ${step} | ${records} | ${requests} | ${limited} | ${faults} | ${seconds.toFixed(1)} |`;
  return rows.map(line).join('\n');
}
