import { createServer, type Server, type Socket } from 'node:net';
import { nodeHost } from '../util/node-host.ts';
import { type FaultAnswer, faultBytes, faultEnd } from './fault-answer.ts';
import { type FaultRequest, requestsOn } from './fault-request.ts';

/**
 * What a fault server answers: one answer after the other, the last for ever; or a function of the request, its number
 * (from 1, over all connections) and a source of random numbers in [0, 1) that is the same for the same seed.
 */
export type FaultScript =
  | readonly [FaultAnswer, ...FaultAnswer[]]
  | ((request: FaultRequest, number: number, random: () => number) => FaultAnswer | Promise<FaultAnswer>);

export interface FaultServerOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Called with each connection before its first byte; `false` refuses it with a reset. */
  readonly accept?: (connection: number) => boolean;
}

export interface FaultServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** What came, in order. */
  readonly requests: readonly FaultRequest[];
  connections(): number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * An HTTP server on this machine that misbehaves as real ones do, each time in the same way: latency, bandwidth, slow
 * close, reset, slices, truncation, wrong bytes, sequences of statuses. It writes to the socket itself, so an answer may
 * be wrong in any way.
 *
 * @example
 * const server = await startFaultServer([{ status: 503 }, { json: { data: [1] }, cutAt: 0.5 }, { json: { data: [1] } }]);
 */
export async function startFaultServer(script: FaultScript, options: FaultServerOptions = {}): Promise<FaultServer> {
  const random = seeded(options.seed ?? 1);
  const requests: FaultRequest[] = [];
  const sockets = new Set<Socket>();
  const stop = new AbortController();
  let connections = 0;

  async function answerOf(request: FaultRequest): Promise<FaultAnswer> {
    requests.push(request);
    const number = requests.length;
    if (typeof script === 'function') return script(request, number, random);
    return script[Math.min(number, script.length) - 1] ?? {};
  }

  async function serve(socket: Socket, connection: number): Promise<void> {
    for await (const request of requestsOn(socket, connection)) {
      if (!(await send(socket, await answerOf(request), stop.signal))) return;
    }
  }

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    if (options.accept?.(connections) === false) socket.resetAndDestroy();
    else serve(socket, connections).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: originOf(server),
    requests,
    connections: () => connections,
    async close() {
      stop.abort(new Error('the fault server is closed'));
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** True when the connection takes another request. */
async function send(socket: Socket, answer: FaultAnswer, signal: AbortSignal): Promise<boolean> {
  const { clock } = nodeHost();
  const { head, body } = faultBytes(answer);
  if (answer.delayMs !== undefined) await clock.sleep(answer.delayMs, signal);
  if (head.length > 0) socket.write(head);
  const { bytesPerSecond, pieceBytes } = answer;
  const size = pieceBytes ?? (bytesPerSecond === undefined ? body.length : Math.max(1, Math.ceil(bytesPerSecond / 20)));
  for (let at = 0; at < body.length && !socket.destroyed; at += size) {
    const piece = body.subarray(at, at + size);
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    if (bytesPerSecond !== undefined) await clock.sleep((piece.length / bytesPerSecond) * 1000, signal);
  }
  if (answer.endDelayMs !== undefined) await clock.sleep(answer.endDelayMs, signal);
  const end = faultEnd(answer);
  if (end === 'close') socket.end();
  else if (end === 'reset') socket.resetAndDestroy();
  return end === 'keep';
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
