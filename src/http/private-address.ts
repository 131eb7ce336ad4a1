import { BlockList, isIP } from 'node:net';

/**
 * What is not the public internet, IPv4 (https://www.iana.org/assignments/iana-ipv4-special-registry). Among them the
 * metadata services of the clouds: 169.254.169.254, 100.100.100.200, and Azure's 168.63.129.16, which looks public.
 */
const PRIVATE_V4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/** Outside of global unicast nothing is public; inside of it these are not (RFC 4380 Teredo, RFC 3849, RFC 9637). */
const GLOBAL_V6 = blockList('ipv6', [['2000::', 3]]);
const PRIVATE_V6 = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
]);

/** IPv6 forms that carry an IPv4 address, and where it stands: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056). */
const MAPPED = blockList('ipv6', [['::ffff:0:0', 96]]);
const NAT64 = blockList('ipv6', [['64:ff9b::', 96]]);
const SIX_TO_FOUR = blockList('ipv6', [['2002::', 16]]);

/**
 * True for every address that is not plainly a public one: private, loopback, link-local, shared (CGNAT), metadata,
 * reserved, multicast, and IPv6 forms of any of them. True also for what is no address.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? '';
  const version = isIP(bare);
  if (version === 4) return PRIVATE_V4.check(bare, 'ipv4');
  if (version !== 6) return true;
  const words = wordsOf(bare);
  if (MAPPED.check(bare, 'ipv6') || NAT64.check(bare, 'ipv6')) return isPrivateAddress(embedded(words, 6));
  if (SIX_TO_FOUR.check(bare, 'ipv6')) return isPrivateAddress(embedded(words, 1));
  return !GLOBAL_V6.check(bare, 'ipv6') || PRIVATE_V6.check(bare, 'ipv6');
}

/** The address in a URL's host, when it is one: `[::1]` → `::1`, `127.0.0.1`. URL has resolved all other spellings. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

function embedded(words: readonly number[], at: number): string {
  const [high = 0, low = 0] = words.slice(at, at + 2);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight words of an IPv6 address, whatever its spelling. */
function wordsOf(address: string): readonly number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, start = '', a = 0, b = 0, c = 0, d = 0] = dotted ?? [];
  const hex = (high: string | number, low: string | number): string => ((Number(high) << 8) | Number(low)).toString(16);
  const text = dotted === null ? address : `${start}${hex(a, b)}:${hex(c, d)}`;
  const [before = '', after] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((word) => Number.parseInt(word, 16));
}

function blockList(type: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of subnets) list.addSubnet(network, bits, type);
  return list;
}
