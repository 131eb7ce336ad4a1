import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CliAnswer } from '../support/cli.ts';
import type { Project } from './project.ts';

const STRACE = 'strace';

/** Calls that change what lies on the disk, and those that make it durable. */
const MUTATING =
  'openat,write,writev,pwrite64,pwritev,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,ftruncate,mkdir,mkdirat,fallocate,copy_file_range';

/** One mutating call of a run: the `when`th call of `syscall` by one thread on `path`. */
export interface Point {
  readonly syscall: string;
  readonly path: string;
  readonly when: number;
  /** How many calls of the same kind that thread made before on any path of the data folder, this one included. */
  readonly ofAll: number;
}

/** Why strace cannot be used here; undefined when it can. */
export function straceMissing(): string | undefined {
  const { status, error, stderr } = spawnSync(STRACE, [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'inject=close:error=EIO:when=60000',
    'true',
  ]);
  if (error !== undefined) return 'strace is not installed (apt-get install strace)';
  return status === 0 ? undefined : `strace cannot trace here: ${stderr.toString().trim()}`;
}

/** With one thread for files and with random numbers that repeat, a run makes the same calls under the same names. */
const REPEATABLE = { nodeFlags: ['--random-seed=20261122'], env: { UV_THREADPOOL_SIZE: '1' } };

/** The golden run: ends well, and gives each mutating call on the data folder, in order. */
export async function goldenRun(project: Project, args: string): Promise<{ points: Point[]; answer: CliAnswer }> {
  const log = join(project.folder, 'golden.txt');
  const under = [STRACE, '-f', '-y', '-qq', '-o', log, '-e', `trace=${MUTATING}`];
  const answer = await project.run(args, { ...REPEATABLE, under });
  const points = pointsOf(readFileSync(log, 'utf8'), join(project.folder, '.sassy'));
  rmSync(log);
  return { points, answer };
}

function pointsOf(log: string, folder: string): Point[] {
  const counts = new Map<string, number>();
  const points: Point[] = [];
  for (const line of log.split('\n')) {
    const [, thread = '', syscall = '', rest = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    // The first path: of the file descriptor where one is given, else the text.
    const byName = /^(?:AT_FDCWD<[^>]*>, )?"([^"]*)"/.exec(rest)?.[1];
    const path = (byName ?? /^\d+<([^>]*)>/.exec(rest)?.[1] ?? '').replace(/\/$/, '');
    if (path !== folder && !path.startsWith(`${folder}/`)) continue;
    const count = (key: string): number => {
      const next = (counts.get(key) ?? 0) + 1;
      counts.set(key, next);
      return next;
    };
    const when = count(`${thread} ${syscall} ${path}`);
    const ofAll = count(`${thread} ${syscall}`);
    if (syscall === 'openat' && !/O_CREAT|O_TRUNC/.test(rest)) continue;
    points.push({ syscall, path, when, ofAll });
  }
  return points;
}

/** What happens at a point: a signal, or an error, once or from there on for all calls of that kind in the data folder. */
export type Fault = 'signal=SIGKILL' | `error=${'ENOSPC' | 'EIO'}`;

export interface Faulted {
  readonly answer: CliAnswer;
  /** False when the run never came to that point. */
  readonly reached: boolean;
}

/** The same run again, with a fault at a point. */
export async function faultedRun(project: Project, args: string, point: Point, fault: Fault): Promise<Faulted> {
  return injected(project, args, pathsOf(point), `inject=${point.syscall}:${fault}:when=${point.when}`);
}

/** The same with a fault at a point and at every later call of these kinds on any of the paths. */
export async function faultedFrom(
  project: Project,
  args: string,
  point: Point,
  fault: Fault,
  all: readonly Point[],
): Promise<Faulted> {
  const paths = [...new Set(all.flatMap(pathsOf))];
  return injected(project, args, paths, `inject=${point.syscall}:${fault}:when=${point.ofAll}+`);
}

async function injected(project: Project, args: string, paths: readonly string[], inject: string): Promise<Faulted> {
  const log = join(project.folder, 'faulted.txt');
  const syscall = /inject=(\w+)/.exec(inject)?.[1] ?? '';
  const where = paths.flatMap((path) => ['-P', path]);
  const under = [STRACE, '-f', '-qq', '-o', log, ...where, '-e', `trace=${syscall}`, '-e', inject];
  const answer = await project.run(args, { ...REPEATABLE, under });
  const text = readFileSync(log, 'utf8');
  rmSync(log);
  return { answer, reached: text.includes('INJECTED') || answer.signal === 'SIGKILL' || answer.code === 137 };
}

/** A run's own log has the time in its name: the same name a few seconds later. */
function pathsOf({ path }: Point): readonly string[] {
  const [, before = '', day = '', time = '', after = ''] = /^(.*\/runs\/)(\d{8})T(\d{6})(-.*)$/.exec(path) ?? [];
  if (before === '') return [path];
  const start = Date.now();
  return Array.from({ length: 20 }, (_, second) => {
    const stamp = new Date(start + second * 1000).toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
    return day + time === '' ? path : `${before}${stamp}${after}`;
  });
}
