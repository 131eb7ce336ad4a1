// node test/stream/soak.ts [--from 1] [--seeds 200000] [--keep sim-regressions.txt]
// Runs the stream sequences of many seeds. A seed that fails is printed and kept; the others go on.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runStreamSequence } from './stream-sequence.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '200000' },
    keep: { type: 'string', default: 'sim-regressions.txt' },
  },
});
const from = Number(values.from);
const to = from + Number(values.seeds);
const total = { crashes: 0, stops: 0, commits: 0, versions: 0, requests: 0, failed: 0 };
const startedAt = performance.now();
for (let seed = from; seed < to; seed += 1) {
  try {
    const outcome = await runStreamSequence(seed);
    total.crashes += outcome.crashes;
    total.stops += outcome.stops;
    total.commits += outcome.commits;
    total.versions += outcome.versions;
    total.requests += outcome.requests;
  } catch (error) {
    total.failed += 1;
    console.log(`seed ${seed} failed: ${error instanceof Error ? error.stack : String(error)}`);
    appendFileSync(values.keep, `${seed}\n`);
  }
  if ((seed - from + 1) % 5000 === 0) console.log(`${seed - from + 1} seeds, ${total.failed} failed`);
}
const seconds = (performance.now() - startedAt) / 1000;
const cpuSeconds = process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
const perCpuSecond = Math.round((to - from) / cpuSeconds);
console.log(
  JSON.stringify({ seeds: to - from, ...total, seconds: Math.round(seconds), seedsPerCpuSecond: perCpuSecond }),
);
if (total.failed > 0) process.exitCode = 1;
