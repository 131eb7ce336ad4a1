import type { LimitValue } from '../model/limit.ts';
import type { Keep } from '../model/retention.ts';
import type { RawCommonOptions } from './common-options.ts';
import type { Answer } from './environment.ts';
import type { Session, StartThreads } from './session.ts';

/** The options of `sassy run <integration> …`, as commander gives them. */
export interface RunOptions extends RawCommonOptions {
  readonly connection?: string;
  readonly set?: readonly string[];
  readonly replay?: string;
  readonly streams?: readonly string[];
  readonly parsers?: readonly string[];
  readonly full?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly maxPages?: number;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly sinceCommit?: number;
  readonly against?: string;
  readonly from?: (stream: string) => number | undefined;
  readonly maxChanged?: LimitValue;
  readonly maxArchived?: LimitValue;
  readonly threads?: number;
  readonly verify?: boolean;
  readonly limit?: number;
  readonly all?: boolean;
  readonly source?: string;
  readonly yes?: boolean;
  readonly browser?: boolean;
  readonly stream?: string;
  readonly slice?: string;
  readonly cursor?: string;
  readonly keep?: Keep;
  readonly maxBytes?: number;
  readonly key?: string;
  readonly wholePages?: boolean;
}

export type Work = (session: Session) => Promise<Answer>;

/** Called with what the command line asks for. */
export type TakeWork = (options: RunOptions, work: Work, startThreads?: StartThreads) => void;
