#!/usr/bin/env node
// Plain JavaScript, old syntax only (no `?.`, no `??`, no top-level await): this file has to parse on Node 12, so
// that an old Node gets a sentence and not a SyntaxError.
import fs from 'fs';
import module from 'module';
import path from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const NEEDED = [22, 20];
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const entry = path.join(root, 'dist', 'cli', 'main.js');
/** Set for a child that an older Node started: the descriptor of a pipe that closes when that parent is gone. */
const PARENT_PIPE = 'SASSY_PARENT_PIPE';
/** Beside `dist` and as deep, so that the paths in the source maps stay right. */
const TEMPORARY = '.dist-';
/** Half of what Node 24 takes: pages live for so short a time that the rest is 100 MB of memory for nothing. */
const YOUNG_SPACE = '--max-semi-space-size=16';
/** How long to wait for another process that builds; after that we build without it. */
const LONGEST_WAIT_MS = 60000;

function fail(lines) {
  fs.writeSync(2, lines.join('\n') + '\n');
  process.exit(1);
}

function version() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

function isOldNode() {
  const parts = process.versions.node.split('.').map(Number);
  return parts[0] < NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] < NEEDED[1]);
}

/** Goes on under the Node of our own development dependencies; the exit code and the signals are passed through. */
function runUnder(node, spawn, constants) {
  const child = spawn(node, [YOUNG_SPACE, fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: Object.assign({}, process.env, { [PARENT_PIPE]: '3' }),
  });
  const pass = function (signal) {
    // A terminal sends Ctrl-C to the whole process group: the child has it already, and a second one means "at once".
    const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    if (!(signal === 'SIGINT' && fromTerminal)) child.kill(signal);
  };
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, pass);
  });
  child.on('error', function (error) {
    fail(['sassy: ' + node + ' could not be started: ' + error.message]);
  });
  child.on('exit', function (code, signal) {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

/** When the Node that started us is killed outright it cannot pass that on; the closed pipe tells. */
async function endWithParent(descriptor) {
  const net = await import('net');
  const pipe = new net.Socket({ fd: descriptor, readable: true, writable: false });
  const end = function () {
    process.kill(process.pid, 'SIGKILL');
  };
  pipe.on('end', end).on('error', end).resume();
  pipe.unref();
}

/** The newest change below a folder, in ms; folders count, so that a removed file is seen. */
function newestChange(folder) {
  let newest = fs.statSync(folder).mtimeMs;
  fs.readdirSync(folder, { withFileTypes: true }).forEach(function (item) {
    const full = path.join(folder, item.name);
    if (item.isDirectory()) {
      newest = Math.max(newest, newestChange(full));
      return;
    }
    // An editor's temporary file may be gone by now.
    const stat = fs.statSync(full, { throwIfNoEntry: false });
    if (stat !== undefined) newest = Math.max(newest, stat.mtimeMs);
  });
  return newest;
}

/** When the source was last changed if `dist` does not show it yet; 0 when there is nothing to build. */
function changeToBuild() {
  const newest = ['tsconfig.build.json', 'tsconfig.json'].reduce(
    function (found, name) {
      return Math.max(found, fs.statSync(path.join(root, name)).mtimeMs);
    },
    newestChange(path.join(root, 'src')),
  );
  try {
    return fs.statSync(entry).mtimeMs < newest ? newest : 0;
  } catch {
    return newest;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Moves each file of a build to its place. No file is missing at any moment; the entry, which tells the age, is last. */
function moveInto(built, target) {
  fs.mkdirSync(target, { recursive: true });
  const items = fs.readdirSync(built, { withFileTypes: true });
  const names = items.map(function (item) {
    return item.name;
  });
  // `cli` sorts to the end at the top level, and `main.js` inside it.
  items.sort(function (a, b) {
    return Number(/^(cli|main\.js)$/.test(a.name)) - Number(/^(cli|main\.js)$/.test(b.name));
  });
  items.forEach(function (item) {
    const from = path.join(built, item.name);
    const to = path.join(target, item.name);
    if (item.isDirectory()) moveInto(from, to);
    else fs.renameSync(from, to);
  });
  fs.readdirSync(target).forEach(function (name) {
    if (names.indexOf(name) < 0) fs.rmSync(path.join(target, name), { recursive: true, force: true });
  });
}

/** Compiles into a folder of our own, so that two builds at once cannot see each other's halves. */
function build(changedAt, spawnSync, tsc) {
  const temporary = path.join(root, TEMPORARY + process.pid);
  // What builds that were killed have left.
  fs.readdirSync(root).forEach(function (name) {
    const isLeft = name.indexOf(TEMPORARY) === 0 && !isAlive(Number(name.slice(TEMPORARY.length)));
    if (isLeft) fs.rmSync(path.join(root, name), { recursive: true, force: true });
  });
  fs.writeSync(2, 'sassy: the source has changed, building …\n');
  let isBuilt = false;
  try {
    const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', temporary], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    isBuilt = result.status === 0;
    if (!isBuilt) return;
    // The age of the source that was read, not of the build: what is edited meanwhile is newer. Rounded up, because
    // file times are finer than a number of milliseconds.
    const time = (Math.ceil(changedAt) + 1) / 1000;
    fs.utimesSync(path.join(temporary, 'cli', 'main.js'), time, time);
    moveInto(temporary, path.join(root, 'dist'));
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
    // Not from within `try`: process.exit runs no `finally`.
    if (!isBuilt) fail(['sassy: the build failed; nothing was run.']);
  }
}

/** One process builds, the others wait for it. The lock saves work only: builds without it are safe as well. */
function buildOnce(spawnSync) {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!fs.existsSync(tsc)) {
    if (fs.existsSync(entry)) return;
    fail(['sassy: this checkout is not built and TypeScript is not installed.', 'Run: npm ci']);
  }
  const lock = path.join(root, 'node_modules', '.sassy-build');
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += 50) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') break;
    }
    let holder = 0;
    try {
      holder = Number(fs.readFileSync(lock, 'utf8'));
    } catch {
      continue;
    }
    if (holder > 0 && !isAlive(holder)) fs.rmSync(lock, { force: true });
    else sleep(50);
    if (changeToBuild() === 0) return;
  }
  process.on('exit', function () {
    fs.rmSync(lock, { force: true });
  });
  const changedAt = changeToBuild();
  if (changedAt > 0) build(changedAt, spawnSync, tsc);
  fs.rmSync(lock, { force: true });
}

async function start() {
  if (module.enableCompileCache) module.enableCompileCache();
  if (fs.existsSync(path.join(root, 'src')) && changeToBuild() > 0) {
    const processes = await import('child_process');
    buildOnce(processes.spawnSync);
  }
  await import(pathToFileURL(entry).href);
}

async function main() {
  const args = process.argv.slice(2);
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(version() + '\n');
    return;
  }
  const pipe = process.env[PARENT_PIPE];
  delete process.env[PARENT_PIPE];
  if (!isOldNode()) {
    if (pipe !== undefined) await endWithParent(Number(pipe));
    await start();
    return;
  }
  const own = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (pipe === undefined && fs.existsSync(own)) {
    const processes = await import('child_process');
    const os = await import('os');
    runUnder(own, processes.spawn, os.constants);
    return;
  }
  fail([
    'sassy needs Node >= ' + NEEDED.join('.') + '; this is ' + process.version + ' (' + process.execPath + ').',
    'Install Node 24 from https://nodejs.org and run the same command again; in a checkout, npm ci is enough.',
  ]);
}

main().catch(function (error) {
  fail([error && error.stack ? error.stack : String(error)]);
});
