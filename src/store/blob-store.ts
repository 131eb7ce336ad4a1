import type { Chunks } from '../util/host.ts';

/**
 * Where raw data lies: a folder, or a bucket. Keys are relative paths with `/`. Nothing but create-if-absent is needed
 * for an atomic commit, and every store that we want to stand on has it (link(2), `If-None-Match: *`).
 */
export interface BlobStore {
  /**
   * Stores a new key from chunks that may take their time: durable when it resolves. Until then a part of it may be there; no
   * commit names it yet.
   */
  put(key: string, chunks: Chunks): Promise<void>;
  /** Stores a key whole and durably, or resolves to false when the key is taken. Of any number of callers one wins. */
  putIfAbsent(key: string, chunks: readonly Uint8Array[]): Promise<boolean>;
  /** All bytes of a key; undefined when there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** `length` bytes from `offset`; fewer only when the key ends before. STORE_CORRUPT when there is no such key. */
  range(key: string, offset: number, length: number): Promise<Buffer>;
  /** The keys directly under a prefix that ends with `/`, sorted. Never shows what is half written by `putIfAbsent`. */
  list(prefix: string): Promise<readonly string[]>;
  /** Removes a key; nothing happens when there is none. */
  delete(key: string): Promise<void>;
  /** Where a key lies, for messages to people. */
  locate(key: string): string;
  /** Makes durable what `list(prefix)` shows: a process that died may have left names that only the page cache knows. */
  settle?(prefix: string): Promise<void>;
  /** Removes what killed processes left half written under a prefix. Only while the run lock is held. */
  sweep?(prefix: string): Promise<void>;
}
