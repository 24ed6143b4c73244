/** Changes to valid messages that a hostile or broken sender would make. Deterministic: all chance comes from `random`. */

/** An integer from 0 to `below` - 1. */
export type Random = (below: number) => number;

/** A generator that gives the same numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Mutator = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Values at the edges of fields: lengths, counts, signs, the ends of a varint. */
const edges = [0x00, 0x01, 0x04, 0x07, 0x08, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0xfe, 0xff] as const;

const place = (bytes: Uint8Array, random: Random): number => random(Math.max(1, bytes.length));

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = value;
  return copy;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

const mutators: readonly Mutator[] = [
  (bytes, random) => {
    const at = place(bytes, random);
    return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << random(8)));
  },
  (bytes, random) => changed(bytes, place(bytes, random), random(256)),
  (bytes, random) => changed(bytes, place(bytes, random), edges[random(edges.length)] ?? 0),
  (bytes, random) => bytes.slice(0, random(bytes.length + 1)),
  (bytes, random) => {
    const longer = new Uint8Array(bytes.length + 1 + random(16));
    longer.set(bytes);
    for (let at = bytes.length; at < longer.length; at++) longer[at] = random(256);
    return longer;
  },
  (bytes, random) => {
    const at = place(bytes, random);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(8)));
  },
  (bytes, random) => {
    const at = place(bytes, random);
    return joined(bytes.subarray(0, at + random(16)), bytes.subarray(at));
  },
  (bytes, random) => bytes.slice().fill(edges[random(edges.length)] ?? 0, place(bytes, random)),
];

/** One to four changes of valid bytes: bits, bytes, cuts, additions, removals, repetitions. The original stays. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes;
  for (let left = 1 + random(4); left > 0; left--) {
    const mutator = mutators[random(mutators.length)];
    if (mutator !== undefined) result = mutator(result, random);
  }
  return result;
}
