import { SassyError } from '../../errors/sassy-error.ts';
import { closest } from '../../util/did-you-mean.ts';
import { printable } from '../render/printable.ts';
import { connectionsTopic } from './connections.ts';
import { environmentTopic } from './environment.ts';
import { errorsTopic } from './errors.ts';
import { exitCodesTopic } from './exit-codes.ts';
import { formatsTopic } from './formats.ts';

export interface Topic {
  readonly name: string;
  /** For the list of topics in the help. */
  readonly summary: string;
  /** The whole text, with a line break at its end. `argument` is what follows the topic on the command line. */
  render(argument?: string): string;
}

/** What `sassy help <topic>` knows. */
export const TOPICS: readonly Topic[] = [
  { name: 'environment', summary: 'the variables that sassy reads', render: environmentTopic },
  { name: 'exit-codes', summary: 'what each exit code means', render: exitCodesTopic },
  { name: 'errors', summary: 'all error codes; errors CODE: one of them', render: errorsTopic },
  {
    name: 'connections',
    summary: 'several logins of one integration, and where config comes from',
    render: connectionsTopic,
  },
  { name: 'formats', summary: 'what is written to stdout and to the disk', render: formatsTopic },
];

/** The text of a topic. Throws USAGE, with the nearest name, for one that does not exist. */
export function renderTopic(name: string, argument?: string): string {
  const topic = TOPICS.find((item) => item.name === name);
  if (topic !== undefined) return topic.render(argument);
  const names = TOPICS.map((item) => item.name);
  const better = closest(name, names);
  throw new SassyError('USAGE', {
    message: `there is no topic ${printable(name)}${better === undefined ? '' : `. Did you mean ${better}?`}`,
    why: `the topics are ${names.join(', ')}`,
    fix: 'sassy help <topic>',
  });
}
