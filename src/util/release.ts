/**
 * Gives back the memory of bytes that nobody looks at any more, now and not when they are collected: collecting megabytes that
 * come and go is a walk through all that lives, for each few dozen of them. They are empty then, with all that shares their
 * memory. Small buffers of Node share theirs with others, and are left alone.
 */
export function releaseBytes({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
