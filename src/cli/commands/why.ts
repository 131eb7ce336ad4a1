import { SassyError } from '../../errors/sassy-error.ts';
import { entityInfo } from '../../model/entity.ts';
import { quarantineFolder, readQuarantine } from '../../runtime/parse/quarantine-files.ts';
import { entityHistory, type EntityVersion } from '../../runtime/parse/why.ts';
import { closest } from '../../util/did-you-mean.ts';
import type { Answer } from '../environment.ts';
import { jsonLine } from '../render/json-line.ts';
import { counted } from '../render/numbers.ts';
import { printable } from '../render/printable.ts';
import { truncate } from '../render/text-width.ts';
import { resultHead } from '../result-head.ts';
import { runContext, type Session } from '../session.ts';

const VERSIONS = 20;

/** `sassy run <i> why <Entity> <key>`: the responses that an entity came from, and the history of its values. */
export async function whyCommand(session: Session, name: string, key: string, limit = VERSIONS): Promise<Answer> {
  const { manifest, paths, environment } = session;
  const infos = manifest.entities.flatMap((entity) => entityInfo(entity) ?? []);
  const info = infos.find((one) => one.name === name || one.table === name);
  if (info === undefined) {
    const nearest = closest(
      name,
      infos.map((one) => one.name),
    );
    throw new SassyError('USAGE', {
      message: `there is no entity ${JSON.stringify(name)}`,
      why: `there are: ${infos.map((one) => one.name).join(', ')}`,
      fix: nearest === undefined ? 'name one of them' : `did you mean ${nearest}?`,
    });
  }
  const codeHash = await session.codeHash();
  const context = runContext(session, () => undefined);
  const found = [];
  for (const parser of manifest.parsers) {
    if (entityInfo(parser.entity)?.name !== info.name) continue;
    const history = await entityHistory(context, parser, key, limit);
    if (history !== undefined) found.push({ ...history, parserHash: codeHash(parser) });
  }
  if (found.length === 0) {
    const inQuarantine = [];
    for (const { name: parser } of manifest.parsers) {
      const entries = await readQuarantine(environment.host, quarantineFolder(paths.parsed, parser));
      if (entries.some(({ entry }) => entry.key === key)) inQuarantine.push(parser);
    }
    throw new SassyError('NOTHING_THERE', {
      message: `no parser makes a ${info.name} with the key ${JSON.stringify(key)} of what is stored`,
      ...(inQuarantine.length === 0
        ? {}
        : { why: `a record of this key is in quarantine of ${inQuarantine.join(', ')}` }),
      fix:
        inQuarantine.length === 0
          ? `sassy run ${manifest.name} show ${info.name} lists the keys that there are`
          : `sassy run ${manifest.name} quarantine list`,
    });
  }
  const json = { command: 'why', ...resultHead(session, 0, []), entity: info.name, key, parsers: found };
  const lines = found.flatMap(({ parser, parserHash, stream, count, versions }) => [
    `${info.name} ${printable(key)}: made by ${printable(parser)} (${parserHash.slice(0, 12)}) of ${counted(count, 'version')} of one record of ${printable(stream)}`,
    ...versions.flatMap(versionLines),
  ]);
  return { exitCode: 0, json, text: `${lines.join('\n')}\n` };
}

function versionLines(version: EntityVersion, index: number): readonly string[] {
  const { commit, lastCommit, committedAt, request, pointer, fetchedAt, entity, changed, problem } = version;
  const commits = lastCommit === commit ? `commit ${commit}` : `commits ${commit} to ${lastCommit}`;
  const values =
    index === 0 && entity !== undefined ? Object.entries(entity).map(([field, value]) => valueLine(field, value)) : [];
  return [
    `  ${commits}, ${committedAt}`,
    `    ${printable(request.method)} ${printable(request.url)} ${printable(pointer ?? '')} fetched ${fetchedAt}`,
    ...(problem === undefined ? [] : [`    no entity: ${printable(problem)}`]),
    ...values,
    ...Object.entries(changed).map(
      ([field, { before, after }]) => `    ${printable(field)}: ${short(before)} → ${short(after)}`,
    ),
    ...(index > 0 && problem === undefined && Object.keys(changed).length === 0
      ? ['    nothing that the parser reads changed']
      : []),
  ];
}

function valueLine(field: string, value: unknown): string {
  return `    ${printable(field)}: ${short(value)}`;
}

function short(value: unknown): string {
  return truncate(printable(jsonLine(value ?? null)), 80);
}
