import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..', '..');
const binary = join(repository, 'bin', 'sassy.mjs');

/** A Node below the one we need, where the machine has one. */
const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((path) => existsSync(path))
  .find((path) => /^v(\d|1\d|2[01])\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout));

const MAIN = `
import { answer } from '../answer.ts';
declare const process: any, setInterval: any;
const [mode, value] = process.argv.slice(2);
if (mode === 'exit') process.exitCode = Number(value);
else if (mode === 'serve') {
  let stops = 0;
  process.on('SIGTERM', () => process.exit(143));
  process.on('SIGINT', () => { stops += 1; process.stdout.write('stops ' + stops + '\\n'); process.exitCode = 130; clearInterval(timer); });
  const timer = setInterval(() => {}, 1000);
  process.stdout.write('ready ' + process.pid + '\\n');
} else process.stdout.write(answer + ' ' + process.version + ' ' + JSON.stringify(process.argv.slice(2)) + ' ' + String(process.env.SASSY_PARENT_PIPE) + '\\n');
declare const clearInterval: any;
`;

let folder: string;

/** A checkout in small: our bin, one source file more than needed, the compiler. */
function checkout(name: string, options: { readonly node: boolean }): string {
  const root = join(folder, name);
  for (const path of ['bin', 'src/cli', 'node_modules']) mkdirSync(join(root, path), { recursive: true });
  cpSync(binary, join(root, 'bin', 'sassy.mjs'));
  writeFileSync(join(root, 'package.json'), '{ "name": "sassy", "version": "9.8.7", "type": "module" }');
  cpSync(join(repository, 'tsconfig.build.json'), join(root, 'tsconfig.build.json'));
  const base: unknown = { extends: join(repository, 'tsconfig.json'), compilerOptions: { types: [] } };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(base));
  writeFileSync(join(root, 'src', 'answer.ts'), "export const answer: string = 'first';\n");
  writeFileSync(join(root, 'src', 'cli', 'main.ts'), MAIN);
  for (const dependency of ['typescript', '@typescript', ...(options.node ? ['node', 'node-bin-linux-x64'] : [])]) {
    const target = join(repository, 'node_modules', dependency);
    if (existsSync(target)) symlinkSync(target, join(root, 'node_modules', dependency));
  }
  return root;
}

function run(root: string, args: readonly string[], node = process.execPath) {
  return spawnSync(node, [join(root, 'bin', 'sassy.mjs'), ...args], { encoding: 'utf8' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sassy-bin-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('bin/sassy.mjs', () => {
  test('holds no syntax that Node 12 cannot parse', () => {
    const code = readFileSync(binary, 'utf8').replaceAll(/\/\/.*|\/\*[^]*?\*\/|'[^'\n]*'/g, '');
    expect(code).not.toMatch(/\?\.|\?\?|^await |#\w+[;=(]|\|\|=|&&=|node:/m);
  });

  test('--version needs neither a build nor the program', () => {
    const root = checkout('version', { node: false });
    const { stdout, stderr, status } = run(root, ['--version']);
    expect({ stdout, stderr, status }).toEqual({ stdout: '9.8.7\n', stderr: '', status: 0 });
    expect(existsSync(join(root, 'dist'))).toBe(false);
  });

  test('builds what was changed, once, and runs it', () => {
    const root = checkout('build', { node: false });
    const first = run(root, ['list', 'a b']);
    expect(first.stderr).toBe('sassy: the source has changed, building …\n');
    expect(first.stdout).toBe(`first ${process.version} ["list","a b"] undefined\n`);
    expect(run(root, []).stderr).toBe('');

    writeFileSync(join(root, 'src', 'answer.ts'), "export const answer: string = 'second';\n");
    writeFileSync(join(root, 'src', 'more.ts'), 'export {};\n');
    expect(run(root, []).stdout).toContain('second');
    expect(existsSync(join(root, 'dist', 'more.js'))).toBe(true);

    rmSync(join(root, 'src', 'more.ts'));
    const third = run(root, []);
    expect(third.stderr).toContain('building');
    expect(existsSync(join(root, 'dist', 'more.js'))).toBe(false);
    const { sources } = JSON.parse(readFileSync(join(root, 'dist', 'cli', 'main.js.map'), 'utf8'));
    expect(sources).toEqual(['../../src/cli/main.ts']);
    expect(leftOvers(root)).toEqual([]);
  });

  test('a build that fails shows the compiler and runs nothing', () => {
    const root = checkout('broken', { node: false });
    run(root, []);
    writeFileSync(join(root, 'src', 'answer.ts'), 'export const answer: string = 5;\n');
    const { stdout, stderr, status } = run(root, []);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/src\/answer\.ts\(1,14\): error TS2322[^]*the build failed; nothing was run/);
    expect(leftOvers(root)).toEqual([]);
  });

  test('several at once build without breaking each other, also after a build that was killed', async () => {
    const root = checkout('parallel', { node: false });
    writeFileSync(join(root, 'node_modules', '.sassy-build'), '99999999');
    mkdirSync(join(root, '.dist-99999999'));
    const all = Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, [join(root, 'bin', 'sassy.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.on('data', (data: Buffer) => (output += data.toString()));
      const [code] = await once(child, 'close');
      return `${String(code)} ${output.slice(0, 5)}`;
    });
    expect(await Promise.all(all)).toEqual(Array.from({ length: 4 }, () => '0 first'));
    expect(leftOvers(root)).toEqual([]);
  });

  test('a package without sources never builds', () => {
    const root = checkout('installed', { node: false });
    run(root, []);
    rmSync(join(root, 'src'), { recursive: true });
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(run(root, ['exit', '6'])).toMatchObject({ status: 6, stderr: '' });
  });
});

describe.skipIf(oldNode === undefined)('bin/sassy.mjs under an old Node (skipped where the machine has none)', () => {
  test('says what it needs when there is no newer Node beside it', () => {
    const root = checkout('old-alone', { node: false });
    const { stdout, stderr, status } = run(root, ['list'], oldNode);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sassy needs Node >= 22\.20; this is v\d+\.\d+\.\d+ \(.*node\)\.\nInstall Node 24/);
  });

  test('goes on under the newer Node of the checkout, with the same arguments and exit code', () => {
    const root = checkout('old-reexec', { node: true });
    const { stdout } = run(root, ['a b', '--json'], oldNode);
    expect(stdout).toMatch(/^first v2[2-9]\.\S+ \["a b","--json"\] undefined\n$/);
    expect(run(root, ['exit', '75'], oldNode).status).toBe(75);
  });

  test.each([
    ['SIGINT', 130, 'stops 1\n'],
    ['SIGTERM', 143, ''],
  ] as const)('passes %s on, once, and ends with %i', async (signal, code, rest) => {
    const { child, output } = await serve(checkout(`old-${signal}`, { node: true }));
    child.kill(signal);
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(code);
    expect(output().split('\n').slice(1).join('\n')).toBe(rest);
  });

  test('leaves nothing running when it is killed outright', async () => {
    const { child, output } = await serve(checkout('old-kill', { node: true }));
    const inner = Number(/ready (\d+)/.exec(output())?.[1]);
    expect(isRunning(inner)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    await expect.poll(() => isRunning(inner), { timeout: 10_000 }).toBe(false);
  });
});

async function serve(root: string) {
  run(root, []);
  const child = spawn(oldNode ?? '', [join(root, 'bin', 'sassy.mjs'), 'serve'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await expect.poll(() => text, { timeout: 20_000 }).toContain('ready');
  return { child, output: () => text };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function leftOvers(root: string): readonly string[] {
  return [...readdirSync(root), ...readdirSync(join(root, 'node_modules'))].filter((name) =>
    /^\.(dist|sassy)-/.test(name),
  );
}
