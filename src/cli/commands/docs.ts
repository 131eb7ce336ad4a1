import { isSecretField } from '../../integration/secret-field.ts';
import { type Entity, entityInfo, refTarget } from '../../model/entity.ts';
import type { Manifest } from '../../model/manifest.ts';
import { columnsOf } from '../../sink/columns.ts';
import { configFields } from '../config/config-fields.ts';
import type { Answer, CliEnvironment } from '../environment.ts';
import { openSession, targetOf } from '../session.ts';
import { slicesText } from '../render/slices-text.ts';

const NO_OPTIONS = {
  json: false,
  verbose: false,
  quiet: true,
  color: false,
  dataDir: undefined,
  connection: undefined,
  sets: [],
  replay: undefined,
};

/** `sassy docs <integration>`: what the manifest says, as Markdown, with the entities and their relations as a Mermaid ERD. */
export async function docsCommand(environment: CliEnvironment, name: string): Promise<Answer> {
  const { manifest } = await openSession(environment, targetOf(name, undefined, undefined), NO_OPTIONS);
  const text = [
    `# ${manifest.title}`,
    ...section('Config', ['field', 'variable', 'required', 'meaning'], configRows(manifest)),
    ...section('Streams', ['stream', 'read', 'for each of', 'key'], streamRows(manifest)),
    ...section(
      'Checks',
      ['check'],
      manifest.checks.map(({ title }) => [title]),
    ),
    ...section('Parsers', ['parser', 'entity', 'from'], parserRows(manifest)),
    ...manifest.entities.flatMap(entitySection),
    ...erd(manifest.entities),
  ].join('\n');
  return {
    exitCode: 0,
    json: { command: 'docs', ok: true, exitCode: 0, retryable: false, markdown: text },
    text: `${text}\n`,
  };
}

function configRows({ name, config }: Manifest): readonly (readonly string[])[] {
  return configFields({ integration: name, connection: name }, config, isSecretField).map((field) => [
    `\`${field.name}\`${field.secret ? ' (secret)' : ''}`,
    `\`${field.env}\``,
    field.required ? 'yes' : 'no',
    field.description ?? '',
  ]);
}

function streamRows({ streams }: Manifest): readonly (readonly string[])[] {
  return streams.map((stream) => {
    const { name, cursor, primaryKey } = stream;
    return [
      `\`${name}\``,
      cursor === undefined ? 'in full each run' : `what changed, by \`${cursor.pointer}\``,
      slicesText(stream),
      primaryKey.map((pointer) => `\`${pointer}\``).join(', '),
    ];
  });
}

function parserRows({ parsers }: Manifest): readonly (readonly string[])[] {
  return parsers.map(({ name, entity, inputs }) => [
    `\`${name}\``,
    entityInfo(entity)?.name ?? '',
    inputs.map(({ stream, mode }) => `\`${stream}\` (${mode === 'incremental' ? 'what is new' : 'all'})`).join(', '),
  ]);
}

function entitySection(entity: Entity): readonly string[] {
  const info = entityInfo(entity);
  if (info === undefined) return [];
  const rows = columnsOf(entity).map(({ name, type }) => {
    const target = refTarget(entity.shape[name]);
    const notes = [...(info.key.includes(name) ? ['key'] : []), ...(target === undefined ? [] : [`→ ${target.name}`])];
    return [`\`${name}\``, type, notes.join(', ')];
  });
  return section(`Entity ${info.name} (table \`${info.table}\`)`, ['field', 'type', ''], rows);
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return ['', `## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** https://mermaid.js.org/syntax/entityRelationshipDiagram.html: one attribute a line, or it is dropped without a word. */
function erd(entities: readonly Entity[]): readonly string[] {
  const lines: string[] = [];
  for (const entity of entities) {
    const info = entityInfo(entity);
    if (info === undefined) continue;
    lines.push(`  ${info.name} {`);
    for (const { name, type } of columnsOf(entity))
      lines.push(`    ${type} ${name}${info.key.includes(name) ? ' PK' : ''}`);
    lines.push('  }');
    for (const [field, schema] of Object.entries(entity.shape)) {
      const target = refTarget(schema);
      if (target !== undefined) lines.push(`  ${target.name} |o--o{ ${info.name} : ${field}`);
    }
  }
  return lines.length === 0 ? [] : ['', '## Relations', '', '```mermaid', 'erDiagram', ...lines, '```'];
}
