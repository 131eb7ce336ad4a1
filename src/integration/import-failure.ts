import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf } from '../errors/error-code.ts';
import type { DefinitionProblem } from './definition-problem.ts';

/** More of a message than this is noise. */
const MOST_LINES = 4;

/** What went wrong when a module was imported, with the place in the author's own files where that is known. */
export function importFailure(error: unknown, file: string): readonly DefinitionProblem[] {
  const message = error instanceof Error ? error.message : String(error);
  return syntaxErrors(message) ?? missingModule(error, message, file) ?? [thrown(error, message, file)];
}

/** esbuild tells every syntax error in a file: `<file>:<line>:<column>: ERROR: <what>`. */
function syntaxErrors(message: string): readonly DefinitionProblem[] | undefined {
  const found = [...message.matchAll(/^(.+):(\d+):(\d+): ERROR: (.+)$/gm)];
  if (found.length === 0) return undefined;
  return found.map(([, path = '', line = '', column = '', what = '']) => ({
    // esbuild counts columns from 0, editors from 1.
    file: `${path}:${line}:${Number(column) + 1}`,
    what: `${path}:${line}:${Number(column) + 1}: ${what}`,
    fix: 'mend the syntax there',
  }));
}

function missingModule(error: unknown, message: string, file: string): readonly DefinitionProblem[] | undefined {
  if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const [, from = ''] = / imported from (.+)$/m.exec(message) ?? [];
  const importer = plainPath(from) || file;
  const [, name] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  if (name !== undefined) {
    return [
      {
        file: importer,
        what: `${importer} imports the package ${name}, which is not installed`,
        fix: `npm install ${name}`,
      },
    ];
  }
  const [, path = ''] = /Cannot find module '([^']+)'/.exec(message) ?? [];
  const shown = relative(dirname(importer), plainPath(path));
  const specifier = shown.startsWith('.') ? shown : `./${shown}`;
  return [
    {
      file: importer,
      what: `${importer} imports ${specifier}, which does not exist`,
      fix: `write ${join(dirname(importer), shown)}, or mend the import`,
    },
  ];
}

function thrown(error: unknown, message: string, file: string): DefinitionProblem {
  const at = placeIn(error, dirname(file)) ?? file;
  const kind = error instanceof Error ? `${error.name}: ` : '';
  const lines = `${kind}${message}`.split('\n').slice(0, MOST_LINES).join('\n   ');
  return { file: at, what: `${at}: ${lines}`, fix: 'mend what is thrown while the file is imported' };
}

/** The first place of a stack that lies in the integration's folder: `<file>:<line>:<column>`. */
function placeIn(error: unknown, folder: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const [, path = '', position = ''] =
      /(?:\(|at |^)((?:file:\/\/)?\/[^()]*?|[A-Za-z]:\\[^()]*?)((?::\d+){1,2})\)?$/.exec(line) ?? [];
    const plain = plainPath(path);
    if (plain !== '' && !relative(folder, plain).startsWith('..')) return `${plain}${position}`;
  }
  return undefined;
}

function plainPath(path: string): string {
  const [plain = ''] = path.replace(/^file:\/\/.*/, (url) => fileURLToPath(url.split('?', 1)[0] ?? url)).split('?', 1);
  return plain;
}
