import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf, hasCode } from '../../errors/error-code.ts';
import { SassyError } from '../../errors/sassy-error.ts';

/** Nearest first: a value in the first wins. */
export const ENV_FILES = ['.env.local', '.env'] as const;

export type EnvFileName = (typeof ENV_FILES)[number];

/** The `SASSY_…` variables of each file; empty for a file that does not exist. */
export type EnvFiles = Readonly<Record<EnvFileName, ReadonlyMap<string, string>>>;

const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Reads `.env.local` and `.env` of a project folder. Variables that are not ours are not looked at. Throws
 * CONFIG_INVALID with the file and, where there is one, the line; never with what stands there.
 */
export function readEnvFiles(projectDir: string): EnvFiles {
  return { '.env.local': readEnvFile(projectDir, '.env.local'), '.env': readEnvFile(projectDir, '.env') };
}

function readEnvFile(projectDir: string, name: EnvFileName): ReadonlyMap<string, string> {
  const text = readText(join(projectDir, name), name);
  requireReadableLines(text, name);
  const ours = Object.entries(parseEnv(text)).filter(([key]) => key.startsWith('SASSY_'));
  return new Map(ours.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function readText(path: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    // A folder `.env` is a Python environment, not ours.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return '';
    const why = codeOf(error) ?? String(error);
    throw new SassyError('CONFIG_INVALID', {
      message: `${name} cannot be read`,
      why,
      fix: `make ${name} readable for you: chmod 600 ${name}`,
      cause: error,
    });
  }
  if (bytes.byteLength > LARGEST_FILE_BYTES) throw invalid(name, 'is larger than 1 MiB', 'keep only variables in it');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(name, 'is not UTF-8 text', 'save it as UTF-8');
  }
  if (text.includes('\0')) throw invalid(name, 'is not UTF-8 text', 'save it as UTF-8');
  return text;
}

/** Node's parser leaves out what it cannot read; a variable of ours must not get lost that way. */
function requireReadableLines(text: string, name: string): void {
  const lines = text.split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const ours = /^\s*(?:export\s+)?SASSY_\w*\s*(.?)/.exec(line);
    if (ours !== null && ours[1] !== '=') {
      throw invalid(`${name}:${index + 1}`, 'is not NAME=value', 'put a = between the name and the value');
    }
    const quote = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(["'`])/.exec(line);
    const mark = quote?.[1];
    if (mark === undefined || line.indexOf(mark, quote?.[0].length) >= 0) continue;
    const end = lines.findIndex((later, at) => at > index && later.includes(mark));
    if (end >= 0) index = end;
    else if (ours !== null) {
      throw invalid(`${name}:${index + 1}`, `begins with ${mark} and has no ${mark} at its end`, 'close the quote');
    }
  }
}

function invalid(place: string, problem: string, fix: string): SassyError {
  return new SassyError('CONFIG_INVALID', { message: `${place} ${problem}`, fix });
}
