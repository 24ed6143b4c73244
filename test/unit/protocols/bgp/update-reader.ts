/** Reads whole UPDATEs that must be right, all of them: what Herald itself never does, for comparison with what was sent. */
import assert from "node:assert/strict";
import { type Address, addressFromBytes, type Family } from "../../../../src/net/address.ts";
import type { Prefix } from "../../../../src/net/prefix.ts";
import type { LargeCommunity, NextHop, PathAttributes } from "../../../../src/protocols/bgp/message.ts";

/** What one UPDATE says. */
export type ReadUpdate = {
  readonly withdrawn: readonly Prefix[];
  readonly announced: readonly Prefix[];
  /** Absent if nothing is announced. */
  readonly attributes?: PathAttributes;
  /** The types in their order. */
  readonly types: readonly number[];
};

type Attribute = { readonly flags: number; readonly type: number; readonly value: Buffer };

const flagsOf: Readonly<Record<number, number>> = {
  1: 0x40,
  2: 0x40,
  3: 0x40,
  4: 0x80,
  5: 0x40,
  8: 0xc0,
  14: 0x80,
  15: 0x80,
  17: 0xc0,
  32: 0xc0,
};

/** The parts of one UPDATE; numbers in AS_PATH have two or four bytes. Fails if anything is not as it must be. */
export function readUpdate(message: Uint8Array, numberLength: 2 | 4): ReadUpdate {
  const bytes = Buffer.from(message);
  assert.equal(bytes.toString("hex", 0, 16), "ff".repeat(16));
  assert.equal(bytes.readUInt16BE(16), bytes.length);
  assert.equal(bytes[18], 2);
  const withdrawnEnd = 21 + bytes.readUInt16BE(19);
  const attributesEnd = withdrawnEnd + 2 + bytes.readUInt16BE(withdrawnEnd);
  const list = readAttributes(bytes.subarray(withdrawnEnd + 2, attributesEnd));
  const values = new Map(list.map(({ type, value }) => [type, value]));
  assert.equal(values.size, list.length, "an attribute twice");
  const reach = values.get(14);
  const unreach = values.get(15);
  const mp = reach && readReach(reach);
  const announced = [...readPrefixes(bytes.subarray(attributesEnd), 4), ...(mp?.prefixes ?? [])];
  const withdrawn = [
    ...readPrefixes(bytes.subarray(21, withdrawnEnd), 4),
    ...(unreach ? readPrefixes(unreach.subarray(3), familyOf(unreach)) : []),
  ];
  const attributes = announced.length > 0 ? { attributes: readPath(values, mp?.nextHop, numberLength) } : {};
  return { withdrawn, announced, ...attributes, types: list.map(({ type }) => type) };
}

function readAttributes(bytes: Buffer): readonly Attribute[] {
  const list: Attribute[] = [];
  for (let at = 0; at < bytes.length; ) {
    const flags = bytes.readUInt8(at);
    const type = bytes.readUInt8(at + 1);
    assert.equal(flags & 0xef, flagsOf[type], `flags of attribute ${type}`);
    const start = at + ((flags & 0x10) === 0 ? 3 : 4);
    const length = (flags & 0x10) === 0 ? bytes.readUInt8(at + 2) : bytes.readUInt16BE(at + 2);
    assert.ok(start + length <= bytes.length);
    list.push({ flags, type, value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return list;
}

function readPath(
  values: ReadonlyMap<number, Buffer>,
  mpNextHop: NextHop | undefined,
  numberLength: 2 | 4,
): PathAttributes {
  const origin = (["igp", "egp", "incomplete"] as const)[values.get(1)?.[0] ?? 3];
  const path = values.get(17) === undefined ? readAsPath(values.get(2), numberLength) : readAsPath(values.get(17), 4);
  const nextHop = mpNextHop ?? { address: readAddress(values.get(3)) };
  assert.ok(origin !== undefined);
  const [med] = numbers(values.get(4));
  const [localPref] = numbers(values.get(5));
  return {
    origin,
    asPath: path,
    nextHop,
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: numbers(values.get(8)),
    largeCommunities: triples(numbers(values.get(32))),
  };
}

function readAsPath(value: Buffer | undefined, numberLength: 2 | 4): readonly number[] {
  assert.ok(value !== undefined);
  const path: number[] = [];
  for (let at = 0; at < value.length; ) {
    assert.equal(value[at], 2, "AS_SEQUENCE");
    const count = value.readUInt8(at + 1);
    for (let i = 0; i < count; i++) path.push(value.readUIntBE(at + 2 + i * numberLength, numberLength));
    at += 2 + count * numberLength;
  }
  return path;
}

function readReach(value: Buffer): { readonly nextHop: NextHop; readonly prefixes: readonly Prefix[] } {
  const length = value.readUInt8(3);
  const hops = value.subarray(4, 4 + length);
  const nextHop = { address: readAddress(hops.subarray(0, 16)) };
  const linkLocal = length === 32 ? { linkLocal: readAddress(hops.subarray(16)) } : {};
  assert.equal(value[4 + length], 0);
  return { nextHop: { ...nextHop, ...linkLocal }, prefixes: readPrefixes(value.subarray(5 + length), familyOf(value)) };
}

function familyOf(value: Buffer): Family {
  assert.equal(value[2], 1, "unicast");
  return value.readUInt16BE(0) === 1 ? 4 : 6;
}

function readPrefixes(bytes: Buffer, family: Family): readonly Prefix[] {
  const prefixes: Prefix[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt8(at);
    const end = at + 1 + Math.ceil(length / 8);
    const whole = Buffer.concat([bytes.subarray(at + 1, end), Buffer.alloc(16)]);
    prefixes.push({ address: readAddress(whole.subarray(0, family === 4 ? 4 : 16)), length });
    at = end;
  }
  return prefixes;
}

function readAddress(bytes: Buffer | undefined): Address {
  assert.ok(bytes !== undefined);
  return addressFromBytes(new Uint8Array(bytes));
}

function numbers(value: Buffer | undefined): readonly number[] {
  if (value === undefined) return [];
  return Array.from({ length: value.length / 4 }, (_, i) => value.readUInt32BE(4 * i));
}

function triples(list: readonly number[]): readonly LargeCommunity[] {
  return Array.from({ length: list.length / 3 }, (_, i) => [
    list[3 * i] ?? 0,
    list[3 * i + 1] ?? 0,
    list[3 * i + 2] ?? 0,
  ]);
}
