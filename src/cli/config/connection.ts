import { SassyError } from '../../errors/sassy-error.ts';
import { printable } from '../render/printable.ts';

/** One configured login. The default connection has the integration's own name. */
export interface ConnectionId {
  readonly integration: string;
  readonly connection: string;
}

/** Integrations and connections are names of folders and parts of variable names: nothing else may be in them. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * Reads `snyk`, `snyk/acme` and the value of `--connection`. The connection `replay` (the data of `--replay`) is a
 * name like any other. Throws USAGE for names that are not ours and for two different connections at once.
 */
export function parseConnection(target: string, option?: string): ConnectionId {
  const slash = target.indexOf('/');
  const integration = slash < 0 ? target : target.slice(0, slash);
  requireName('integration', integration);
  const inTarget = slash < 0 ? undefined : target.slice(slash + 1);
  if (inTarget !== undefined) requireName('connection', inTarget);
  if (option !== undefined) requireName('connection', option);
  if (inTarget !== undefined && option !== undefined && inTarget !== option) {
    throw new SassyError('USAGE', {
      message: `two connections are given: ${target} and --connection ${option}`,
      fix: `leave one of them out: ${integration}/${inTarget}, or ${integration} --connection ${option}`,
    });
  }
  return { integration, connection: inTarget ?? option ?? integration };
}

/** As people write it: `snyk`, `snyk/acme`. */
export function connectionText({ integration, connection }: ConnectionId): string {
  return connection === integration ? integration : `${integration}/${connection}`;
}

function requireName(what: 'integration' | 'connection', name: string): void {
  if (NAME.test(name)) return;
  const better = suggestion(name);
  throw new SassyError('USAGE', {
    message:
      name === ''
        ? `the ${what}'s name is empty`
        : `${JSON.stringify(shown(name))} cannot be the name of an ${what}`.replace('an c', 'a c'),
    why: 'a name has 1 to 63 characters out of a-z, 0-9, _ and -, and begins with a letter or a digit',
    fix: better === undefined ? 'sassy list' : `did you mean ${better}?  (all: sassy list)`,
  });
}

function shown(name: string): string {
  const text = printable(name);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function suggestion(name: string): string | undefined {
  const better = name
    .normalize('NFKD')
    .toLowerCase()
    .trim()
    .replaceAll(/[ .]+/g, '-')
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[-_]+/, '')
    .replace(/-+$/, '');
  return NAME.test(better) ? better : undefined;
}
