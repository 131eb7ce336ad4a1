// The one file that touches Reflect. reflect-metadata keeps one store for all its copies in a process, and our keys
// come from Symbol.for: what one copy of this package has recorded, another one reads.
// oxlint-disable-next-line import/no-unassigned-import -- it is imported for what it adds to Reflect
import 'reflect-metadata';

/** The name under which records of one shape are kept on a class. */
export interface MetadataKey<T> {
  readonly symbol: symbol;
  /** Never set: it only ties the key to the shape of its record. */
  readonly shape?: (record: T) => T;
}

export function metadataKey<T>(name: string): MetadataKey<T> {
  return { symbol: Symbol.for(`sassy:${name}`) };
}

export function writeMetadata<T>(key: MetadataKey<T>, target: object, record: T): void {
  Reflect.defineMetadata(key.symbol, record, target);
}

/** What was recorded on this very class; what its base classes hold is not looked at. */
export function readMetadata<T>(key: MetadataKey<T>, target: object): T | undefined {
  const record: T | undefined = Reflect.getOwnMetadata(key.symbol, target);
  return record;
}

/** Adds to a list of records. */
export function appendMetadata<T>(key: MetadataKey<readonly T[]>, target: object, record: T): void {
  writeMetadata(key, target, [...(readMetadata(key, target) ?? []), record]);
}
