import type { Answer } from '../environment.ts';
import { renderTopic } from '../topics/topics.ts';

/** `sassy help <topic> [argument]`. */
export async function helpCommand(topic: string, argument: string | undefined): Promise<Answer> {
  return { exitCode: 0, json: undefined, text: renderTopic(topic, argument) };
}
