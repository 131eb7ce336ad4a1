import { aligned } from '../render/aligned.ts';

/** What the caller of a command can rely on; `docs/exit-codes.md` says the same. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
  /** True when the same command, run again, may succeed. */
  readonly retry: boolean;
}

export const EXIT_CODES: readonly ExitCode[] = [
  { code: 0, meaning: 'done', retry: false },
  { code: 1, meaning: 'a bug or the machine (disk full, a folder that cannot be written)', retry: false },
  { code: 2, meaning: 'wrong usage: a command, an option or a name that does not exist', retry: false },
  { code: 3, meaning: 'config or the definition of the integration is wrong', retry: false },
  { code: 4, meaning: 'the login was refused, or has no permission', retry: false },
  { code: 5, meaning: 'the API refused or answered wrong, and a retry does not help', retry: false },
  {
    code: 6,
    meaning: 'finished, with findings: quarantine, skipped streams, drift that breaks, snapshot mismatch',
    retry: false,
  },
  { code: 75, meaning: 'temporary: rate limit, network, 5xx, another run at work; all is safe', retry: true },
  { code: 130, meaning: 'stopped by Ctrl-C (SIGINT) at a commit', retry: true },
  { code: 143, meaning: 'stopped by SIGTERM at a commit', retry: true },
];

/** `sassy help exit-codes` */
export function exitCodesTopic(): string {
  const rows = EXIT_CODES.map(({ code, meaning, retry }) => [String(code).padStart(3), retry ? 'again' : '', meaning]);
  return `Exit codes. Those marked "again" are safe to run again as they are; with --json the answer says the same
in "exitCode" and "retryable".

${aligned(rows, '  ').join('\n')}
`;
}
