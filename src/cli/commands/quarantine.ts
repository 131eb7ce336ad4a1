import { join } from 'node:path';
import { quarantineFolder, readQuarantine } from '../../runtime/parse/quarantine-files.ts';
import type { QuarantineEntry } from '../../runtime/dataset/quarantine-entry.ts';
import { retryQuarantine } from '../../runtime/parse/quarantine-retry.ts';
import type { Answer } from '../environment.ts';
import { heaviestExitCode } from '../exit-code.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { jsonLine } from '../render/json-line.ts';
import { count, counted } from '../render/numbers.ts';
import { parseLines } from '../render/parse-summary.ts';
import { printable } from '../render/printable.ts';
import { resultHead } from '../result-head.ts';
import { locked, runContext, type Session } from '../session.ts';
import { withSinks } from '../sinks.ts';

export interface QuarantineFlags {
  readonly parsers: readonly string[] | undefined;
  /** Entries shown for each parser. */
  readonly limit: number | undefined;
}

const SHOWN = 20;

/** `sassy run <i> quarantine list`: what does not fit its schema, why, and where it came from. Takes no lock. */
export async function quarantineListCommand(session: Session, flags: QuarantineFlags): Promise<Answer> {
  const parsers = [];
  for (const { name } of chosen(session, flags)) {
    const folder = quarantineFolder(session.paths.parsed, name);
    const entries = (await readQuarantine(session.environment.host, folder)).map(({ entry }) => entry);
    parsers.push({ name, count: entries.length, folder, entries: entries.slice(0, flags.limit ?? entries.length) });
  }
  const json = { command: 'quarantine list', ...resultHead(session, 0, []), parsers };
  const lines = parsers.flatMap(({ name, count: number, folder, entries }) =>
    number === 0
      ? []
      : [
          `${name}: ${counted(number, 'record')} in ${printable(join(folder, '*.jsonl'))}`,
          ...entries.slice(0, flags.limit ?? SHOWN).flatMap(entryLines),
          ...(number > (flags.limit ?? SHOWN) ? [`  … and ${count(number - (flags.limit ?? SHOWN))} more`] : []),
        ],
  );
  const next = `next:  mend the schema or the parser, then: sassy run ${session.manifest.name} quarantine retry`;
  const text = lines.length === 0 ? 'nothing is in quarantine\n' : `${[...lines, next].join('\n')}\n`;
  return { exitCode: 0, json, text };
}

/** `sassy run <i> quarantine retry`: the same records through the parsers as they are now. */
export async function quarantineRetryCommand(session: Session, flags: QuarantineFlags): Promise<Answer> {
  const parsers = chosen(session, flags);
  const codeHash = await session.codeHash();
  const outcomes = await locked(session, 'quarantine retry', () =>
    withProgress(session, (progress) =>
      withSinks(session, (sinks) => retryQuarantine(runContext(session, progress), sinks, parsers, codeHash)),
    ),
  );
  const code = heaviestExitCode(outcomes.map(({ error }) => error));
  const remain = outcomes.some(({ result }) => result.quarantined > 0);
  const exitCode = code === 0 && remain ? 6 : code;
  const json = {
    command: 'quarantine retry',
    ...resultHead(
      session,
      exitCode,
      outcomes.map(({ error }) => error),
    ),
    runId: session.runId,
    parsers: outcomes.map(({ result }) => result),
    drift: outcomes.flatMap(({ drift }) => drift),
  };
  const lines = [
    ...outcomes.flatMap(({ result: { name, retried } }) =>
      retried === undefined
        ? []
        : [`${name}: ${count(retried.home)} of ${counted(retried.before, 'record')} came home`],
    ),
    ...parseLines(json.parsers, json.drift, session.environment.style),
  ];
  return { exitCode, json, text: outcomes.length === 0 ? 'nothing is in quarantine\n' : `${lines.join('\n')}\n` };
}

function chosen(session: Session, { parsers }: QuarantineFlags): Session['manifest']['parsers'] {
  knownNames('UNKNOWN_PARSER', 'parser', parsers, session.manifest.parsers);
  return session.manifest.parsers.filter(({ name }) => parsers?.includes(name) ?? true);
}

function entryLines(entry: QuarantineEntry): readonly string[] {
  const { stream, key, pointer, request, fetchedAt, problems, kind, entity } = entry;
  const what = kind === 'record' ? '' : kind === 'entity' ? ' (its entity)' : ' (the parser threw)';
  const place =
    request === undefined ? '' : `  ${request.method} ${request.url} ${pointer ?? ''} at ${fetchedAt ?? ''}`;
  return [
    `  ${printable(stream)} ${printable((key ?? '').replaceAll('\u0000', ''))}${what}`,
    ...problems.map(({ path, message }) => `    ${printable(path)}${path === '' ? '' : ': '}${printable(message)}`),
    ...(entity === undefined ? [] : [`    entity: ${printable(jsonLine(entity)).slice(0, 200)}`]),
    ...(place === '' ? [] : [`  ${printable(place)}`]),
  ];
}
