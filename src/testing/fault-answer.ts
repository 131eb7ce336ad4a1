import * as zlib from 'node:zlib';

/** One answer of a fault server. Everything is optional: `{}` is a 200 with an empty body. */
export interface FaultAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Sent as they are, also wrong ones; an array sends a header several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. `body` wins. */
  readonly json?: unknown;
  readonly body?: string | Buffer;
  /** Compresses the body and says so. */
  readonly encoding?: keyof typeof COMPRESS;
  /** How the end of the body is told: by its length, in chunks, or by closing the connection. Default `length`. */
  readonly framing?: 'length' | 'chunked' | 'close';
  /** Latency: waits before the first byte. */
  readonly delayMs?: number;
  /** Bandwidth of the body. */
  readonly bytesPerSecond?: number;
  /** Slicer: the answer goes out in pieces of this size, each by itself. */
  readonly pieceBytes?: number;
  /** Truncation: of what follows the headers only this share (0 to 1) is sent. */
  readonly cutAt?: number;
  /**
   * What happens then: the connection stays open for more requests, is closed, is reset, or stays open in silence.
   * Default `keep`, and `close` where the answer is cut or ended by closing.
   */
  readonly end?: 'keep' | 'close' | 'reset' | 'stall';
  /** Slow close: waits before the end. */
  readonly endDelayMs?: number;
  /** Sent in place of an HTTP answer, to the byte. */
  readonly raw?: string | Buffer;
}

const COMPRESS = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  // Brotli's own default is meant for files that are compressed once.
  br: (body: Buffer) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: zlib.zstdCompressSync,
} as const;

/** The bytes of an answer: what goes out at once, and what bandwidth, slicer and truncation apply to. */
export interface FaultBytes {
  readonly head: Buffer;
  readonly body: Buffer;
}

/** The answer as bytes, cut where it asks for it. */
export function faultBytes(answer: FaultAnswer): FaultBytes {
  if (answer.raw !== undefined) return { head: Buffer.alloc(0), body: cut(Buffer.from(answer.raw), answer.cutAt) };
  const { status = 200, headers = {}, framing = 'length', encoding } = answer;
  const plain = Buffer.from(answer.body ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)));
  const body = encoding === undefined ? plain : COMPRESS[encoding](plain);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const given = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`),
  );
  const own: readonly (readonly [string, string | undefined])[] = [
    ['content-type', answer.json === undefined ? undefined : 'application/json'],
    ['content-encoding', encoding],
    ['content-length', framing === 'length' ? String(body.length) : undefined],
    ['transfer-encoding', framing === 'chunked' ? 'chunked' : undefined],
    ['connection', framing === 'close' ? 'close' : undefined],
  ];
  const added = own.flatMap(([name, value]) => (value === undefined || names.has(name) ? [] : [`${name}: ${value}`]));
  const head = Buffer.from(
    `HTTP/1.1 ${status} Fault\r\n${[...given, ...added].map((line) => `${line}\r\n`).join('')}\r\n`,
    'latin1',
  );
  return { head, body: cut(framing === 'chunked' ? chunked(body) : body, answer.cutAt) };
}

/** What happens after the last byte. */
export function faultEnd({ end, cutAt, framing }: FaultAnswer): NonNullable<FaultAnswer['end']> {
  return end ?? (cutAt !== undefined || framing === 'close' ? 'close' : 'keep');
}

function chunked(body: Buffer): Buffer {
  const half = Math.ceil(body.length / 2);
  const chunks = [body.subarray(0, half), body.subarray(half)].filter((chunk) => chunk.length > 0);
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
    Buffer.from('0\r\n\r\n'),
  ]);
}

function cut(body: Buffer, at: number | undefined): Buffer {
  return at === undefined ? body : body.subarray(0, Math.floor(body.length * at));
}
