// Runs the seeds that it is sent, and answers each with its outcome. Started by soak.ts, as often as it may.
import { runStreamSequence, type StreamOutcome } from './stream-sequence.ts';

/** What a worker is told: seeds `from` to before `to`. */
export interface SoakTask {
  readonly from: number;
  readonly to: number;
}

export interface SoakAnswer {
  readonly seed: number;
  readonly outcome?: StreamOutcome;
  readonly error?: string;
  /** Of this process since it began. */
  readonly cpuMs: number;
}

// A terminal sends Ctrl-C to all of its processes; it is soak.ts that decides when they end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', ({ from, to }: SoakTask) => void run(from, to));

async function run(from: number, to: number): Promise<void> {
  for (let seed = from; seed < to; seed += 1) {
    const ended = await outcomeOf(seed);
    const { user, system } = process.cpuUsage();
    process.send?.({ seed, ...ended, cpuMs: (user + system) / 1000 } satisfies SoakAnswer);
  }
}

async function outcomeOf(seed: number): Promise<Pick<SoakAnswer, 'outcome' | 'error'>> {
  try {
    return { outcome: await runStreamSequence(seed) };
  } catch (error) {
    return { error: String(error instanceof Error ? error.stack : error) };
  }
}
