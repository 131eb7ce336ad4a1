import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorBase, Fault, LogStatus } from './contract.ts';
import { FaultPlan } from './fault-plan.ts';
import { jsonAnswer, type Outgoing, transmit } from './transmit.ts';

/** A request as it came. */
export interface Call {
  readonly method: string;
  /** Without the query, percent-encoded as it came. */
  readonly path: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The request's number, from 1. */
  readonly at: number;
}

/** What is a vendor's own. */
export interface Service<Note extends object> {
  /** What the log remembers of a request: nothing that is secret. */
  note(call: Call): Note;
  /** What the patterns of faults are tested against. Default: the path. */
  faultText?(call: Call): string;
  /** The true answer; throws only for a mistake of the emulator itself. */
  answer(call: Call): Outgoing;
  /** The body of an ordered refusal that was given none. */
  refusal(status: number, call: Call): object;
  /** On every answer, unless the answer has its own. Called once for each request, before it is answered. */
  headers(call: Call): Readonly<Record<string, string>>;
  /** For requests that steer the emulator itself: not logged, never failed. */
  control?(call: Call): Outgoing | undefined;
}

export interface KitOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** Waited before each answer, faults included. Default 0. */
  readonly latencyMs?: number;
}

/** Serves on 127.0.0.1 until `close`: a log of all requests, ordered faults, and for the rest what the service answers. */
export async function startEmulator<Note extends object>(
  service: Service<Note>,
  { port = 0, latencyMs }: KitOptions,
): Promise<EmulatorBase<Note & LogStatus>> {
  const faults = new FaultPlan();
  const requests: (Note & LogStatus)[] = [];
  let count = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, await textOf(request), count + 1);
    const steered = service.control?.(call);
    if (steered !== undefined) return transmit(request, response, steered);
    count += 1;
    const fault = faults.take(service.faultText?.(call) ?? call.path);
    const met = fault === undefined ? {} : { fault: kindOf(fault) };
    const entry = { ...service.note(call), status: 0, at: call.at, ...met };
    requests.push(entry);
    if (latencyMs !== undefined) await delay(latencyMs, undefined, { ref: false });
    if (fault !== undefined && 'reset' in fault) return void request.socket.destroy();
    const headers = service.headers(call);
    const answered = ordered(service, fault, call) ?? service.answer(call);
    entry.status = answered.status;
    const truncate = fault !== undefined && 'truncate' in fault ? { truncate: fault.truncate } : {};
    transmit(request, response, { ...answered, headers: { ...headers, ...answered.headers }, ...truncate });
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => crash(request, response, error));
  });
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  return {
    url,
    requests,
    clearRequests: () => void requests.splice(0),
    failNext: ({ path, ...times }, fault) => faults.add(path, times, fault),
    close: () => close(server),
  };
}

/** Method, path and query; `secret` is blotted out, as a client may put it where it does not belong. */
export function plainNote(
  { method, path, query }: Call,
  secret = '',
): { method: string; path: string; query: Record<string, string> } {
  const clean = (text: string): string => (secret === '' ? text : text.replaceAll(secret, '[REDACTED]'));
  const names = [...new Set(query.keys())];
  const values = names.map((name) => [clean(name), clean(query.getAll(name).join(','))]);
  return { method, path: clean(path), query: Object.fromEntries(values) };
}

function callOf(request: IncomingMessage, body: string, at: number): Call {
  const { method = '', url: target = '', headers } = request;
  const start = target.indexOf('?');
  const path = start < 0 ? target : target.slice(0, start);
  return {
    method,
    path,
    target,
    query: new URLSearchParams(start < 0 ? '' : target.slice(start + 1)),
    headers,
    body,
    at,
  };
}

function kindOf(fault: Fault): NonNullable<LogStatus['fault']> {
  if ('status' in fault) return 'status';
  return 'reset' in fault ? 'reset' : 'truncate';
}

/** The answer that a fault holds itself; undefined for those that spoil the true one. */
function ordered(service: Service<object>, fault: Fault | undefined, call: Call): Outgoing | undefined {
  if (fault === undefined || !('status' in fault)) return undefined;
  const { status, headers = {}, body, rawBody } = fault;
  if (rawBody !== undefined) return { status, headers, body: Buffer.from(rawBody) };
  return jsonAnswer(status, body ?? service.refusal(status, call), headers);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens on no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** A mistake of the emulator itself: said aloud, with a status that nobody tries again. */
function crash(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  transmit(request, response, { status: 501, headers, body: Buffer.from(`emulator bug: ${text}`) });
}
