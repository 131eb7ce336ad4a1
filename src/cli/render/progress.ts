import { count, duration } from './numbers.ts';
import { printable } from './printable.ts';
import { plainStyle, type Style } from './style.ts';
import { truncate } from './text-width.ts';

export interface ProgressOptions {
  /** Lines may be drawn over, see `terminalOf`. Without it whole lines are written now and then. */
  readonly animated: boolean;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly width?: number | undefined;
  /** How many lines may be drawn; default 20. */
  readonly height?: number;
  readonly style?: Style;
  /** Calls back once after a time and returns what cancels it. Default: a timer that keeps no process alive. */
  readonly later?: (run: () => void, ms: number) => () => void;
}

/** What is known of one stream, or parser, while it runs. Fields that are left out keep their last value. */
export interface ProgressUpdate {
  readonly pages?: number;
  readonly records?: number;
  readonly entities?: number;
  /** Why nothing moves at present: `rate limit`. */
  readonly waitingFor?: string | undefined;
  /** On the clock of `now`: when the wait ends. */
  readonly waitsUntil?: number | undefined;
}

export interface Progress {
  update(name: string, update: ProgressUpdate): void;
  /** The stream is at its end; its last line stays on the screen. */
  end(name: string, outcome?: string): void;
  /** A line of its own, above what moves. */
  note(text: string): void;
  /** Nothing is drawn any more. Called before anything else is written to the same output. */
  stop(): void;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;

/**
 * Progress on stderr. On a terminal a few lines are drawn over, at most ten times a second; elsewhere each stream gets a
 * line at its end, and one every ten seconds while it runs. Without `animated` no escape sequence is written.
 */
export function progress(output: { write(text: string): unknown }, options: ProgressOptions): Progress {
  return options.animated ? movingProgress(output, options) : plainProgress(output, options);
}

function plainProgress(
  output: { write(text: string): unknown },
  { now, style = plainStyle }: ProgressOptions,
): Progress {
  const rows = new Map<string, { update: ProgressUpdate; writtenAt: number }>();
  const write = (name: string, update: ProgressUpdate, outcome: string): void => {
    output.write(`${lineOf(name, update, now(), style)}${outcome}\n`);
  };
  return {
    update(name, update) {
      const row = rows.get(name) ?? { update: {}, writtenAt: now() };
      row.update = { ...row.update, ...update };
      rows.set(name, row);
      if (now() - row.writtenAt < PLAIN_LINE_MS) return;
      row.writtenAt = now();
      write(name, row.update, '');
    },
    end(name, outcome = 'done') {
      write(name, ended(rows.get(name)?.update), `  ${printable(outcome)}`);
      rows.delete(name);
    },
    note: (text) => void output.write(`${printable(text)}\n`),
    stop: () => rows.clear(),
  };
}

function movingProgress(output: { write(text: string): unknown }, options: ProgressOptions): Progress {
  const { now, width = 80, height = 20, style = plainStyle, later = afterTimer } = options;
  const rows = new Map<string, ProgressUpdate>();
  let drawnLines = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  const draw = (above = ''): void => {
    cancel?.();
    cancel = undefined;
    drawnAt = now();
    const all = [...rows].map(([name, update]) => truncate(lineOf(name, update, drawnAt, plainStyle), width - 1));
    const lines = all.length <= height ? all : [...all.slice(0, height - 1), `… ${all.length - height + 1} more`];
    // One write, so that no half of it is ever on the screen.
    const clear = drawnLines === 0 ? '' : `\u001B[${drawnLines}A\u001B[0J`;
    output.write(clear + above + lines.map((line) => `${style.dim(line)}\n`).join(''));
    drawnLines = lines.length;
    if ([...rows.values()].some(({ waitsUntil }) => waitsUntil !== undefined && waitsUntil > drawnAt))
      cancel = later(draw, 1000);
  };
  const drawSoon = (): void => {
    const sinceMs = now() - drawnAt;
    if (sinceMs >= REDRAW_MS) return draw();
    cancel?.();
    cancel = later(draw, REDRAW_MS - sinceMs);
  };
  return {
    update(name, update) {
      rows.set(name, { ...rows.get(name), ...update });
      drawSoon();
    },
    end(name, outcome = 'done') {
      const last = lineOf(name, ended(rows.get(name)), now(), style);
      rows.delete(name);
      draw(`${truncate(`${last}  ${printable(outcome)}`, width - 1)}\n`);
    },
    note: (text) => draw(`${printable(text)}\n`),
    stop() {
      if (rows.size > 0 || drawnLines > 0) {
        rows.clear();
        draw();
      }
      cancel?.();
      cancel = undefined;
    },
  };
}

function lineOf(name: string, update: ProgressUpdate, now: number, style: Style): string {
  const { pages, records, entities, waitingFor, waitsUntil } = update;
  const counts = [
    pages === undefined ? '' : `${count(pages)} ${pages === 1 ? 'page' : 'pages'}`,
    records === undefined ? '' : `${count(records)} ${records === 1 ? 'record' : 'records'}`,
    entities === undefined ? '' : `${count(entities)} ${entities === 1 ? 'entity' : 'entities'}`,
  ].filter((text) => text !== '');
  const left =
    waitsUntil === undefined || waitsUntil <= now
      ? ''
      : `, ${duration(Math.ceil((waitsUntil - now) / 1000) * 1000)} left`;
  const wait = waitingFor === undefined ? '' : `  ${style.yellow(`waiting: ${printable(waitingFor)}${left}`)}`;
  return `${printable(name)}  ${counts.length === 0 ? '…' : counts.join('  ')}${wait}`;
}

function ended(update: ProgressUpdate = {}): ProgressUpdate {
  return { ...update, waitingFor: undefined, waitsUntil: undefined };
}

function afterTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
