import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type QueryResult } from 'pg';

/** A PostgreSQL server of a test's own, on a free port of this machine, in a temporary folder. */
export interface PostgresServer {
  /** `postgresql://sassy:secret@127.0.0.1:…/<database>` of an administrator. */
  url(database?: string, user?: string, password?: string): string;
  /** A new, empty database; gives its URL. */
  database(): Promise<string>;
  /** What another program sees: rows as plain objects. */
  sql(url: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** `kill -9` of the server and all that it has started. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly folder: string;
}

export const PASSWORD = 'sE+cret/pass word%';

/** Why there is no server to test with; undefined where there is one. For `describe.skipIf` and its title. */
export const NO_POSTGRES =
  binaries() === undefined ? 'no PostgreSQL on this machine: apt-get install postgresql' : undefined;

interface ServerOptions {
  /** Writes what is committed to the disk before it says so, as a real server does. Slower. */
  readonly isDurable?: boolean;
  /** More lines for postgresql.conf. `{folder}` stands for the server's folder. */
  readonly settings?: readonly string[];
  readonly encoding?: string;
  /** Name → content, put into the server's folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes a database cluster and starts it. The server refuses to run as root: then it runs as `postgres`, or nobody. */
export async function startPostgres({
  isDurable = false,
  settings = [],
  encoding = 'UTF8',
  files = {},
}: ServerOptions = {}): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(tmpdir(), 'sassy-postgres-'));
  const user = otherUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const password = join(folder, 'password');
  writeFileSync(password, PASSWORD, { mode: 0o644 });
  const run = {
    ...user,
    cwd: folder,
    stdio: 'pipe',
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' },
  } as const;
  execFileSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'sassy',
      '--auth=scram-sha-256',
      `--pwfile=${password}`,
      '-E',
      encoding,
      `--locale=${encoding === 'UTF8' ? 'C.UTF-8' : 'C'}`,
      ...(isDurable ? [] : ['--no-sync']),
    ],
    run,
  );
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (user !== undefined) chownSync(join(folder, name), user.uid, user.gid);
  }
  const port = await freePort();
  const fast = isDurable ? [] : ['fsync=off', 'full_page_writes=off'];
  const lines = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'shared_buffers=64MB',
    ...fast,
    ...settings,
  ];
  const config = lines.flatMap((line) => ['-c', line.replaceAll('{folder}', folder)]);

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(join(bin, 'postgres'), ['-D', data, ...config], {
      ...run,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    let errors = '';
    started.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-4000)));
    for (let left = 300; left > 0; left--) {
      if (started.exitCode !== null) throw new Error(`PostgreSQL ended: ${errors}`);
      if (await isReady(url('postgres'))) return;
      await delay(100);
    }
    throw new Error(`PostgreSQL did not start: ${errors}`);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  const url = (database = 'postgres', name = 'sassy', secret = PASSWORD): string =>
    `postgresql://${name}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
  const sql = async (at: string, text: string): Promise<Readonly<Record<string, unknown>>[]> => {
    const client = new Client({ connectionString: at });
    await client.connect();
    try {
      const answer: QueryResult<Record<string, unknown>> | QueryResult<Record<string, unknown>>[] =
        await client.query(text);
      return Array.isArray(answer) ? [] : answer.rows;
    } finally {
      await client.end();
    }
  };
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // A test process that is stopped leaves no server behind.
  const onExit = (): void => {
    child?.kill('SIGKILL');
    remove();
  };
  process.on('exit', onExit);
  let databases = 0;
  await start();
  return {
    url,
    sql,
    folder,
    start,
    async database() {
      databases += 1;
      await sql(url(), `CREATE DATABASE test_${databases}`);
      return url(`test_${databases}`);
    },
    async kill() {
      const pid = child?.pid;
      const children = pid === undefined ? [] : childrenOf(pid);
      const ended = end('SIGKILL');
      for (const one of children) killOne(one);
      await ended;
      // As long as one is left, the server does not start again.
      while (children.some(isAlive)) await delay(10);
    },
    async stop() {
      // Immediate shutdown: nobody needs the data.
      await end('SIGQUIT');
      process.off('exit', onExit);
      remove();
    },
  };
}

function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function otherUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => {
    try {
      return Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }).toString());
    } catch {
      return 65_534;
    }
  };
  return { uid: id('-u'), gid: id('-g') };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Not ended, or ended and not yet taken note of. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function isReady(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
