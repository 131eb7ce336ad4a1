import type { EmulatorBase, Fault, FaultTimes, LogStatus } from '../_kit/contract.ts';
import type { ErrorFormat } from './api-error.ts';
import type { MondayBoard, MondayItem, MondayTeam, MondayUser } from './types.ts';

export interface MondayEmulatorOptions {
  /** Same seed, same data. Default 1. */
  readonly seed?: number;
  /** Default 3. */
  readonly boards?: number;
  /** One number for all boards, or one per board in the order of their ids. Default 50. */
  readonly itemsPerBoard?: number | readonly number[];
  /** Default 12. */
  readonly users?: number;
  /** Default 3. */
  readonly teams?: number;
  /** Accepted as `Authorization: <token>`, without Bearer. Default `emulator-token`. */
  readonly token?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Requests beyond these answer 429 with Retry-After. Default: no limit. */
  readonly minuteLimit?: { readonly requests: number; readonly windowMs: number };
  /** Points per window; a query that costs more than is left is refused. Default: 10,000,000 a minute. */
  readonly complexity?: { readonly points: number; readonly windowMs: number };
  /** Requests beyond these are refused with DAILY_LIMIT_EXCEEDED. Default: no limit. */
  readonly dailyLimit?: number;
  /** How errors are written. Default `new`. */
  readonly errorFormat?: ErrorFormat;
  /** The token's user lives so many hours from UTC: days of filters begin there. Default 0. */
  readonly utcOffsetHours?: number;
  /** The present of the data's world: what it holds was changed in the two years before. */
  readonly now?: string;
}

export interface MondayRequestLog extends LogStatus {
  readonly method: string;
  readonly path: string;
  /** The GraphQL text. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly apiVersion: string | undefined;
}

export interface MondayFaultMatch extends FaultTimes {
  /** Tested against the GraphQL text. Default: every query. */
  readonly query?: RegExp;
}

/** What the server serves right now: boards and items that are active. */
export interface MondayTruth {
  readonly boards: readonly MondayBoard[];
  readonly items: readonly MondayItem[];
  readonly users: readonly MondayUser[];
  readonly teams: readonly MondayTeam[];
}

/** The API is at `/v2` of its URL. */
export interface MondayEmulator extends Omit<EmulatorBase<MondayRequestLog>, 'failNext'> {
  readonly token: string;
  readonly truth: MondayTruth;
  /** Changes items, spread over the boards; they are later than anything served before. */
  changeItems(count: number): readonly MondayItem[];
  /** Adds items to one board (its place in `truth.boards`), or to all in turn. */
  addItems(count: number, boardIndex?: number): readonly MondayItem[];
  /** No list shows them any more. */
  archiveItem(id: string): void;
  archiveBoard(id: string): void;
  changeUsers(count: number): readonly MondayUser[];
  /** All cursors given out so far are as if 60 minutes had passed. */
  expireCursors(): void;
  failNext(match: MondayFaultMatch, answer: Fault): void;
}
