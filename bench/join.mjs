// npm run bench:join, or: node bench/join.mjs [--issues 5000000] [--projects 20000] [--threads 1] [--sinks duckdb,jsonl] [--most 512]
// Restreams millions of issues, each joined with its project, and fails when the process takes more memory than it may.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '5000000' },
    projects: { type: 'string', default: '20000' },
    threads: { type: 'string', default: '1' },
    sinks: { type: 'string', default: 'duckdb,jsonl' },
    most: { type: 'string', default: '512' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sassy-join-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');
const report = join(folder, 'meter.json');

/** Runs a command of sassy and gives its answer and what it took. */
function run(sink, ...args) {
  const project = join(folder, sink);
  mkdirSync(project, { recursive: true });
  symlinkSync(join(here, 'join-project/integrations'), join(project, 'integrations'));
  writeFileSync(join(project, 'sassy.config.ts'), `export default { sinks: ['${sink}'] };\n`);
  const command = [join(here, '../bin/sassy.mjs'), 'run', 'join', ...args, '--quiet', '--json', '--data-dir', data];
  const config = { SASSY_JOIN__ISSUES: values.issues, SASSY_JOIN__PROJECTS: values.projects };
  const env = { ...process.env, ...config, SASSY_METER: report };
  const child = spawnSync(process.execPath, ['--import', join(here, 'meter.mjs'), ...command], { cwd: project, env });
  rmSync(project, { recursive: true });
  if (child.status !== 0) throw new Error(`${args[0]} ended with ${child.status}\n${child.stdout}${child.stderr}`);
  return { answer: JSON.parse(String(child.stdout)), took: JSON.parse(readFileSync(report, 'utf8')) };
}

run('jsonl', 'stream');
for (const sink of values.sinks.split(',')) {
  const { answer, took } = run(sink, 'restream', '--threads', values.threads);
  const [{ inputs, entities }] = answer.parsers;
  console.log(
    `${sink}: ${inputs.issues} issues joined with ${inputs.projects} projects, ${entities.added} entities; peak ${took.peakMb} MB, cpu ${took.cpuS.toFixed(1)} s, wall ${took.wallS.toFixed(1)} s`,
  );
  if (entities.added !== Number(values.issues)) throw new Error('not all of them are there');
  if (took.peakMb > Number(values.most)) process.exitCode = 1;
  rmSync(join(data, 'join/join/parsed'), { recursive: true });
}
