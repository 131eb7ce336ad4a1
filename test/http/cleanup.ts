import { onTestFinished } from 'vitest';

/** Runs when the present test is over, whatever its end. */
export function after(clean: () => void | Promise<void>): void {
  onTestFinished(clean);
}
