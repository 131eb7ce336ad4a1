import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';

/** The compiler of TypeScript takes twelve, for a thread and a process of its own; a command without it as many for DuckDB and its data. */
const NEEDED = 16;

/**
 * Throws OPEN_FILES when this process may open fewer than 16 files more. Asked before work begins, because not everything
 * says so by itself: who waits for a thread that found no room for its event loop waits for ever.
 */
export function requireOpenFiles(): void {
  const opened: number[] = [];
  try {
    while (opened.length < NEEDED) opened.push(openSync(devNull, 'r'));
  } catch (error) {
    if (!hasCode(error, 'EMFILE', 'ENFILE')) return;
    throw new SassyError('OPEN_FILES', {
      message: `only ${opened.length} more files may be open at once, and ${NEEDED} are needed`,
      why: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
