import { dirname, join } from 'node:path';
import type { HostFs } from '../../src/util/host.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a file or folder is made of: what is there now, and what a power failure would leave of it. */
interface FileNode {
  readonly kind: 'file';
  data: Buffer;
  /** Undefined: nothing of it was ever synced. */
  durable: Buffer | undefined;
  /** After a failed fsync the kernel forgets what was dirty: later ones succeed and save nothing. */
  poisoned: boolean;
}
interface FolderNode {
  readonly kind: 'folder';
  entries: Map<string, Node>;
  durable: Map<string, Node>;
}
type Node = FileNode | FolderNode;

export type Step =
  | 'mkdir'
  | 'list'
  | 'read'
  | 'create'
  | 'write'
  | 'fsync'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'sync-folder'
  | 'remove-folder';

/** What happens at a step, instead of it: nothing unusual, the process or the machine dies, or an error. */
export type Fate = 'ok' | 'kill' | 'power' | 'ENOSPC' | 'EIO' | 'EIO-after';

/** The process that made the call is dead. */
export class DeadProcess extends Error {}

export interface SimProcess {
  readonly fs: HostFs;
  readonly isAlive: boolean;
  /** SIGKILL: what it wrote stays in the page cache. */
  kill(): void;
}

export interface SimDisk {
  /** A process that uses the disk. `fate` is asked before each step. */
  start(fate: (step: Step, path: string) => Fate): SimProcess;
  /** Power failure: every process dies; what was not synced may be lost, torn, zeroed or kept, each on its own. */
  powerOff(): void;
  /** All files, as they are now. */
  files(): string[];
  /** Steps made so far. */
  readonly steps: number;
}

/** A disk in memory. Steps of concurrent calls come in an order drawn from `random`. */
export function simDisk(random: SeededRandom): SimDisk {
  let root: FolderNode = emptyFolder();
  let steps = 0;
  const processes = new Set<{ alive: boolean }>();
  const turn = randomTurns(random.fork());

  function find(path: string): Node | undefined {
    let node: Node | undefined = root;
    for (const name of path.split('/').filter(Boolean))
      node = node?.kind === 'folder' ? node.entries.get(name) : undefined;
    return node;
  }
  function folder(path: string): FolderNode {
    const node = find(path);
    if (node === undefined) throw errno('ENOENT', path);
    if (node.kind === 'file') throw errno('ENOTDIR', path);
    return node;
  }
  function file(path: string): FileNode {
    const node = find(path);
    if (node === undefined) throw errno('ENOENT', path);
    if (node.kind === 'folder') throw errno('EISDIR', path);
    return node;
  }
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

  function powerOff(): void {
    for (const process of processes) process.alive = false;
    root = survivingFolder(root, random);
  }

  function start(fate: (step: Step, path: string) => Fate): SimProcess {
    const process = { alive: true };
    processes.add(process);

    /** One step of the machine; `effect` is atomic. */
    async function step<T>(kind: Step, path: string, effect: () => T): Promise<T> {
      await turn();
      if (!process.alive) throw new DeadProcess();
      steps += 1;
      const decided = fate(kind, path);
      if (decided === 'power') powerOff();
      if (decided === 'kill') process.alive = false;
      if (!process.alive) throw new DeadProcess();
      if (decided === 'ENOSPC' || decided === 'EIO') {
        const node = find(path);
        if (kind === 'fsync' && node?.kind === 'file') node.poisoned = true;
        throw errno(decided, path);
      }
      const result = effect();
      if (decided === 'EIO-after') throw errno('EIO', path);
      return result;
    }

    const syncFolder = (path: string): Promise<void> =>
      step('sync-folder', path, () => {
        const node = folder(path);
        node.durable = new Map(node.entries);
      });

    const fs: HostFs = {
      /** As the real host does it: the parents of what it made are synced, and nothing when all was there. */
      async mkdir(path) {
        const missing: string[] = [];
        for (let at = path; find(at) === undefined; at = dirname(at)) missing.unshift(at);
        for (const at of missing) {
          await step('mkdir', at, () => {
            const { entries } = folder(dirname(at));
            if (!entries.has(nameOf(at))) entries.set(nameOf(at), emptyFolder());
          });
        }
        for (const at of missing.toReversed()) await syncFolder(dirname(at));
      },
      list: (path) => step('list', path, () => (find(path) === undefined ? [] : [...folder(path).entries.keys()])),
      readFile: (path) => step('read', path, () => Buffer.from(file(path).data)),
      readRange: (path, offset, length) =>
        step('read', path, () => Buffer.from(file(path).data.subarray(offset, offset + length))),
      async writeNew(path, chunks) {
        const node = await step('create', path, () => {
          const { entries } = folder(dirname(path));
          if (entries.has(nameOf(path))) throw errno('EEXIST', path);
          const created: FileNode = { kind: 'file', data: Buffer.alloc(0), durable: undefined, poisoned: false };
          entries.set(nameOf(path), created);
          return created;
        });
        const came: Uint8Array[] = [];
        for await (const chunk of chunks) came.push(chunk);
        const bytes = Buffer.concat(came);
        const cut = random.int(bytes.length + 1);
        for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          await step('write', path, () => (node.data = Buffer.concat([node.data, part])));
        }
        await step('fsync', path, () => {
          if (!node.poisoned) node.durable = node.data;
        });
      },
      link: (existing, path) =>
        step('link', path, () => {
          const node = file(existing);
          const { entries } = folder(dirname(path));
          if (entries.has(nameOf(path))) throw errno('EEXIST', path);
          entries.set(nameOf(path), node);
        }),
      rename: (from, path) =>
        step('rename', path, () => {
          const node = file(from);
          folder(dirname(path)).entries.set(nameOf(path), node);
          folder(dirname(from)).entries.delete(nameOf(from));
        }),
      unlink: (path) =>
        step('unlink', path, () => {
          if (find(path) !== undefined) folder(dirname(path)).entries.delete(nameOf(path));
        }),
      removeFolder: (path) =>
        step('remove-folder', path, () => {
          if (find(path) !== undefined) folder(dirname(path)).entries.delete(nameOf(path));
        }),
      syncFolder,
    };
    return {
      fs,
      get isAlive() {
        return process.alive;
      },
      kill: () => (process.alive = false),
    };
  }

  return {
    start,
    powerOff,
    files: () => filesUnder(root, '/'),
    get steps() {
      return steps;
    },
  };
}

function emptyFolder(): FolderNode {
  return { kind: 'folder', entries: new Map(), durable: new Map() };
}

/** Each entry that was not synced is, by itself, as it was or as it is; a file under two names stays one file. */
function survivingFolder(root: FolderNode, random: SeededRandom): FolderNode {
  const survived = new Map<FileNode, FileNode>();
  const walk = (folder: FolderNode): FolderNode => {
    const entries = new Map<string, Node>();
    for (const name of new Set([...folder.durable.keys(), ...folder.entries.keys()])) {
      const node = random.chance(0.5) ? folder.durable.get(name) : folder.entries.get(name);
      const kept = folder.durable.get(name) === folder.entries.get(name) ? folder.entries.get(name) : node;
      if (kept?.kind === 'folder') entries.set(name, walk(kept));
      if (kept?.kind === 'file') {
        const file = survived.get(kept) ?? survivingFile(kept, random);
        survived.set(kept, file);
        entries.set(name, file);
      }
    }
    return { kind: 'folder', entries, durable: new Map(entries) };
  };
  return walk(root);
}

function survivingFile(node: FileNode, random: SeededRandom): FileNode {
  const data = node.durable === node.data ? node.data : unsynced(node.data, random);
  return { kind: 'file', data, durable: data, poisoned: false };
}

function unsynced(data: Buffer, random: SeededRandom): Buffer {
  const cut = random.int(data.length + 1);
  switch (random.int(5)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return data.subarray(0, cut);
    case 2:
      return Buffer.alloc(data.length);
    case 3:
      return Buffer.concat([data.subarray(0, cut), Buffer.alloc(data.length - cut)]);
    default:
      return data;
  }
}

function filesUnder(folder: FolderNode, path: string): string[] {
  return [...folder.entries].flatMap(([name, node]) => {
    const at = join(path, name);
    return node.kind === 'file' ? [at] : filesUnder(node, at);
  });
}

/** Waiting calls are let go one at a time, in random order. */
function randomTurns(random: SeededRandom): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let pumping = false;
  const pump = (): void => {
    const [go] = waiting.splice(random.int(waiting.length), 1);
    go?.();
    if (waiting.length > 0) setImmediate(pump);
    else pumping = false;
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (!pumping) setImmediate(pump);
      pumping = true;
    });
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code });
}
