import { hasCode } from '../../errors/error-code.ts';

/** The part of a stream that is listened to. */
export interface ErrorSource {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Ends the process quietly with 0 when whoever reads stdout has seen enough (`sassy … | head`). Other errors of the
 * stream are thrown. `exit` is `process.exit`.
 */
export function exitOnBrokenPipe(stdout: ErrorSource, exit: (code: number) => void): void {
  stdout.on('error', (error) => {
    if (!hasCode(error, 'EPIPE')) throw error;
    exit(0);
  });
}

/** stderr is for people: when nobody reads it any more, work goes on. */
export function ignoreBrokenPipe(stderr: ErrorSource): void {
  stderr.on('error', (error) => {
    if (!hasCode(error, 'EPIPE')) throw error;
  });
}
