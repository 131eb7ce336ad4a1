/** What an output can show. */
export interface Terminal {
  readonly color: boolean;
  /** Lines may be drawn over: progress that moves. */
  readonly animated: boolean;
  /** Columns, or undefined where lines may be as long as they like. */
  readonly width: number | undefined;
}

/** The parts of a writable stream that tell what it is. */
export interface OutputLike {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/**
 * Decides once per output. `NO_COLOR` (not empty) and `--no-color` win over `FORCE_COLOR`; a pipe, `TERM=dumb` and `CI`
 * get no escape sequence at all, but for colour where `FORCE_COLOR` asks for it.
 */
export function terminalOf(
  output: OutputLike,
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly noColor?: boolean } = {},
): Terminal {
  const isTerminal = output.isTTY === true;
  const isPlain = options.noColor === true || isSet(env['NO_COLOR']);
  const isMoving = isTerminal && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  const isForced = isSet(env['FORCE_COLOR']);
  return {
    color: !isPlain && (isMoving || isForced),
    animated: isMoving && !isPlain,
    width: isTerminal ? widthOf(output, env) : undefined,
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

function widthOf(output: OutputLike, env: Readonly<Record<string, string | undefined>>): number {
  const columns = output.columns ?? Number(env['COLUMNS']);
  return Number.isInteger(columns) && columns > 0 ? columns : 80;
}
