import { AsyncLocalStorage } from 'node:async_hooks';
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { SassyError } from '../../errors/sassy-error.ts';
import { integrationPlace } from '../integration-place.ts';

/**
 * Keeps the network shut for the code of parsers, and for nothing else in the process: what runs inside of `run` may not
 * connect, look up a name, use a connection that is open already, or start a program; sinks and stores at work at the
 * same time are not touched. Worker threads that a parser starts are not seen.
 */
export interface NetworkGuard {
  run<T>(parser: string, work: () => T): T;
  /** Work of ours that a parser calls: it may read the store from wherever it lies. */
  outside<T>(work: () => T): T;
  /** The first attempt of a parser, also where the parser has swallowed the error. */
  refusal(parser: string): SassyError | undefined;
  /** Takes the guard out of the process again. */
  close(): void;
}

export function openNetworkGuard(): NetworkGuard {
  const running = new AsyncLocalStorage<string>();
  const refusals = new Map<string, SassyError>();
  let isOpen = true;

  const refuse = (what: string): void => {
    const parser = isOpen ? running.getStore() : undefined;
    if (parser === undefined) return;
    const error = new SassyError('PARSER_NETWORK', {
      message: `the parser ${parser} tried to ${what}`,
      ...placed(new Error('here').stack),
    });
    if (!refusals.has(parser)) refusals.set(parser, error);
    throw error;
  };

  const undo = [
    guard(net.Socket.prototype, ['connect'], (args) => refuse(`connect to ${targetOf(args)}`)),
    guard(http.Agent.prototype, ['addRequest'], (args) => refuse(`send a request to ${targetOf(args.slice(1))}`)),
    guard(globalThis, ['fetch'], (args) => refuse(`fetch ${urlOf(args[0])}`)),
    guard(dgram.Socket.prototype, ['send', 'connect'], () => refuse('send a datagram')),
    ...[dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype].map((target) =>
      guard(target, lookups(target), (args) => refuse(`look up ${String(args[0])}`)),
    ),
    guard(childProcess.ChildProcess.prototype, ['spawn'], (args) => refuse(`start ${commandOf(args)}`)),
    guard(childProcess, ['spawnSync', 'execSync', 'execFileSync'], (args) => refuse(`start ${String(args[0])}`)),
  ];
  syncBuiltinESMExports();

  return {
    run: (parser, work) => running.run(parser, work),
    outside: (work) => running.exit(work),
    refusal: (parser) => refusals.get(parser),
    close() {
      if (!isOpen) return;
      isOpen = false;
      for (const restore of undo) restore();
      syncBuiltinESMExports();
    },
  };
}

/** Puts `before` in front of functions of an object. Gives what takes it away again. */
function guard(target: object, names: readonly string[], before: (args: readonly unknown[]) => void): () => void {
  const undo = names.map((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    const original: unknown = descriptor?.value;
    if (descriptor === undefined || typeof original !== 'function' || descriptor.configurable !== true)
      return undefined;
    function guarded(this: unknown, ...args: unknown[]): unknown {
      before(args);
      // `new` is not used on any of these.
      return original instanceof Function ? original.apply(this, args) : undefined;
    }
    // What hangs on the function, `util.promisify.custom` for one, must still be there.
    Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original));
    Object.defineProperty(target, name, { ...descriptor, value: guarded });
    return () => {
      // Another guard may have been put on top of this one: then ours stays, and lets everything through.
      if (Object.getOwnPropertyDescriptor(target, name)?.value === guarded)
        Object.defineProperty(target, name, descriptor);
    };
  });
  return () => {
    for (const restore of undo) restore?.();
  };
}

function lookups(target: object): readonly string[] {
  return Object.getOwnPropertyNames(target).filter((name) => /^(?:lookup|resolve|reverse)/.test(name));
}

function placed(stack: string | undefined): { readonly why?: string } {
  const place = integrationPlace(stack);
  return place === undefined ? {} : { why: `at ${place}` };
}

/** `api.example.com:443` from the many forms of `connect(…)`; never a path or a query, which may hold a secret. */
function targetOf(args: readonly unknown[]): string {
  const [first, second] = args.flat();
  if (typeof first === 'number') return `${typeof second === 'string' ? second : 'localhost'}:${first}`;
  if (typeof first === 'object' && first !== null) {
    const host = 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
    const port = 'port' in first ? first.port : undefined;
    return typeof port === 'number' || typeof port === 'string' ? `${host}:${port}` : host;
  }
  return typeof first === 'string' ? first : 'a server';
}

function urlOf(input: unknown): string {
  const text = input instanceof Request ? input.url : String(input);
  return URL.canParse(text) ? new URL(text).origin : 'a URL';
}

function commandOf(args: readonly unknown[]): string {
  const [options] = args;
  return typeof options === 'object' && options !== null && 'file' in options ? String(options.file) : 'a program';
}
