import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SassyError } from '../../errors/sassy-error.ts';
import { findProject } from '../../integration/discovery.ts';
import { parseConnection } from '../config/connection.ts';
import { envPrefix } from '../config/env-name.ts';
import type { Answer, CliEnvironment } from '../environment.ts';

const SUFFIX = '.txt';

/**
 * `sassy new <name>`: writes an integration that loads and type-checks as it is, to be filled in. Overwrites nothing.
 * Where the project has no tsconfig.json or .gitignore it gets one, so that editors know decorators and `.sassy/` and
 * `.env` stay out of the history.
 */
export async function newCommand({ cwd, host, packageFolder }: CliEnvironment, name: string): Promise<Answer> {
  const { integration } = parseConnection(name);
  const project = (await findProject(cwd)) ?? cwd;
  const folder = join(project, 'integrations', integration);
  if ((await host.fs.list(folder)).length > 0) {
    throw new SassyError('FILE_EXISTS', {
      message: `integrations/${integration} is there already`,
      fix: `choose another name, or work on it: sassy run ${integration} --help`,
    });
  }
  const written: string[] = [];
  const write = async (path: string, text: string): Promise<void> => {
    await host.fs.writeNew(join(project, path), [Buffer.from(text)]);
    written.push(path);
  };
  await host.fs.mkdir(folder);
  const templates = join(packageFolder, 'templates', 'integration');
  for (const file of readdirSync(templates).sort()) {
    const text = readFileSync(join(templates, file), 'utf8');
    await write(join('integrations', integration, file.slice(0, -SUFFIX.length)), filled(text, integration));
  }
  const there = await host.fs.list(project);
  if (!there.includes('tsconfig.json')) await write('tsconfig.json', `${JSON.stringify(TSCONFIG, undefined, 2)}\n`);
  if (!there.includes('.gitignore')) await write('.gitignore', 'node_modules/\n.sassy/\n.env\n.env.local\n');
  const next = `sassy run ${integration} --help`;
  const text = `${written.map((path) => `  wrote ${path}`).join('\n')}\nnext:  edit integrations/${integration}/integration.ts, then: ${next}\n`;
  return { exitCode: 0, json: { command: 'new', ok: true, exitCode: 0, retryable: false, files: written, next }, text };
}

function filled(text: string, name: string): string {
  const words = name.split(/[-_]+/).filter((word) => word !== '');
  const title = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  const identifier = title.replaceAll(' ', '').replace(/^(?=\d)/, 'Api');
  const values: Readonly<Record<string, string>> = {
    NAME: name,
    TITLE: title,
    CLASS: identifier,
    ENTITY: `${identifier}Item`,
    TABLE: `${words.join('_').replace(/^(?=\d)/, 'api')}_items`,
    ENV_PREFIX: envPrefix({ integration: name, connection: name }),
  };
  return text.replaceAll(/__(NAME|TITLE|CLASS|ENTITY|TABLE|ENV_PREFIX)__/g, (_match, key: string) => values[key] ?? '');
}

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    experimentalDecorators: true,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['integrations', 'sassy.config.ts'],
};
