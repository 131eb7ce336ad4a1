import { InvalidArgumentError } from 'commander';
import { type Keep, readBytes, readKeep } from '../model/retention.ts';
import { list } from './option-values.ts';
import type { RunOptions } from './run-options.ts';
import type { ParseCommands } from './run-parse-commands.ts';

/** The commands that change how the raw data lies on the disk, or what is left of it: no network, no secret, no config. */
export function addStoreCommands({ command, take }: Pick<ParseCommands, 'command' | 'take'>): void {
  command('compact', 'merge small files of the raw data; runs do so themselves when there are many')
    .option('--streams <names>', 'only these, with commas between', list)
    .option('--dry-run', 'show what would be merged')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/compact.ts')).compactCommand(session, {
          streams: options.streams,
          dryRun: options.dryRun === true,
        }),
      ),
    );
  command('retain', 'remove old raw versions; the newest of each key and the last complete listing stay')
    .option('--streams <names>', 'only these, with commas between', list)
    .option('--keep <rule>', 'how long: 90d, 36h, 12w, or 5 listings (default: what the stream says)', keep)
    .option('--max-bytes <size>', 'the oldest go as long as a stream takes more room than this: 2GB', bytes)
    .option('--dry-run', 'show what would be removed')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/retain.ts')).retainCommand(session, {
          streams: options.streams,
          keep: options.keep,
          maxBytes: options.maxBytes,
          dryRun: options.dryRun === true,
        }),
      ),
    );
  command('erase', 'remove every version of one record, from the raw data and all that was made of it')
    .requiredOption('--stream <name>', 'the stream of the record')
    .requiredOption('--key <key>', 'its key; a JSON array where it has several fields')
    .option('--whole-pages', 'remove pages with all their records where nobody can say what to cut')
    .option('--dry-run', 'show what would be removed')
    .addHelpText('after', ERASE_HELP)
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/erase.ts')).eraseCommand(session, {
          stream: options.stream ?? '',
          key: options.key ?? '',
          wholePages: options.wholePages === true,
          dryRun: options.dryRun === true,
        }),
      ),
    );
}

const ERASE_HELP = `
The record is cut out of the stored pages, whose files are written anew, and taken out of quarantine and run logs. Entities
that are kept in the data folder are removed and made again from the raw data; in other sinks both generations are.

It comes back with the next run when the service still shows it: erase it there first. Positions hold fingerprints (SHA-256)
of records, not records. Other records that refer to it stay, and are counted. Not reached: backups, file system snapshots,
blocks of the disk that were freed, snapshots/ of the project.`;

function keep(text: string): Keep {
  const found = readKeep(text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError("It must be a time or a number of listings, like 90d or '5 listings'.");
}

function bytes(text: string): number {
  const found = readBytes(text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError('It must be a size, like 500MB or 2GB.');
}
