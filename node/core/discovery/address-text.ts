/** Of a host name as a whole, and of each of its parts. Source: RFC 1035, section 2.3.4. */
const HOST_NAME_LENGTH_MAX = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** As web addresses are read, a name whose last part looks like a number is an IPv4 address in disguise: 127.1, 0x7f000001. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/**
 * The one way in which an address is written here: dotted IPv4, IPv6 in its shortest form without brackets, host names in lower case; IPv4
 * inside IPv6 becomes IPv4. Null for what is no address of one machine: other spellings of numbers, the unspecified address, multicast,
 * zones, a trailing dot. Source: RFC 5952 for IPv6.
 */
export function canonicalAddress(text: string): string | null {
  const lower = text.toLowerCase();
  if (lower.includes(":")) return canonicalIpv6(lower);
  const ipv4 = ipv4Bytes(lower);
  if (ipv4 !== null) return isUnicastIpv4(ipv4) ? lower : null;
  if (lower.length > HOST_NAME_LENGTH_MAX || ENDS_IN_NUMBER.test(lower)) return null;
  return lower.split(".").every((label) => LABEL.test(label)) ? lower : null;
}

function ipv4Bytes(text: string): number[] | null {
  const parts = text.split(".");
  const isDecimal = parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return parts.length === 4 && isDecimal ? parts.map(Number) : null;
}

/** 0.0.0.0/8 is no machine's; from 224 on are groups and the reserved. */
function isUnicastIpv4(bytes: readonly number[]): boolean {
  const first = bytes[0] ?? 0;
  return first > 0 && first < 224;
}

function canonicalIpv6(text: string): string | null {
  const groups = ipv6Groups(text);
  if (groups === null) return null;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) {
    const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return isUnicastIpv4(bytes) ? bytes.join(".") : null;
  }
  const isUnspecified = groups.every((group) => group === 0);
  const isMulticast = (groups[0] ?? 0) >> 8 === 0xff;
  return isUnspecified || isMulticast ? null : ipv6Text(groups);
}

function ipv6Groups(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const parts = halves.map(groupsOf);
  const [head, tail] = parts;
  if (head === undefined || head === null || tail === null) return null;
  if (tail === undefined) return head.length === 8 ? head : null;
  const missing = 8 - head.length - tail.length;
  return missing >= 1 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : null;
}

/** The groups of one side of the double colon; the last may be a dotted IPv4. */
function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const ipv4 = index === parts.length - 1 ? ipv4Bytes(part) : null;
    if (ipv4 !== null) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

/** The longest run of two or more zeros, the first among equals, is left out. */
function ipv6Text(groups: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let from = 0; from < 8; from += 1) {
    let to = from;
    while (to < 8 && groups[to] === 0) to += 1;
    if (to - from > length) {
      start = from;
      length = to - from;
    }
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}
