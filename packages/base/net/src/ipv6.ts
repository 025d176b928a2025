declare const ipv6Brand: unique symbol;

/** An IPv6 address as canonical text (RFC 5952): lower case, longest run of zeros shortened. */
export type Ipv6 = string & { readonly [ipv6Brand]: true };

/** Any textual form without a zone; the result is canonical. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const bytes = parseGroups(text);
  return bytes === undefined ? undefined : ipv6FromBytes(bytes);
}

export function ipv6Bytes(address: Ipv6): Uint8Array {
  const bytes = parseGroups(address);
  if (bytes === undefined) throw new Error("invariant: an Ipv6 is canonical text");
  return bytes;
}

export function ipv6FromBytes(bytes: Uint8Array, at = 0): Ipv6 | undefined {
  if (!(at >= 0 && at + 16 <= bytes.length)) return undefined;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2)
    groups.push(((bytes[at + i] ?? 0) << 8) | (bytes[at + i + 1] ?? 0));
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.map((g) => g.toString(16)).join(":") as Ipv6;
  const head = groups
    .slice(0, run.start)
    .map((g) => g.toString(16))
    .join(":");
  const tail = groups
    .slice(run.start + run.length)
    .map((g) => g.toString(16))
    .join(":");
  return `${head}::${tail}` as Ipv6;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}

function parseGroups(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseHalf(halves[0] ?? "");
  const tail = parseHalf(halves[1] ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (const [i, group] of groups.entries()) {
    bytes[i * 2] = group >>> 8;
    bytes[i * 2 + 1] = group & 0xff;
  }
  return bytes;
}

function parseHalf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const dotted =
      i === parts.length - 1 ? /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part) : null;
    if (dotted !== null) {
      const octets = dotted.slice(1).map(Number);
      if (octets.some((octet) => octet > 255)) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}
