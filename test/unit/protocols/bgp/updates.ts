/** UPDATEs in hexadecimal digits, and what becomes of them in one line. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { BgpMessageError } from "../../../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import type { Negotiated, Update } from "../../../../src/protocols/bgp/message.ts";
import { bytesOf, hexOf, messageOf, negotiation } from "./messages.ts";

/** A number of so many bytes. */
export const hexOfNumber = (number: number, bytes: number): string => number.toString(16).padStart(2 * bytes, "0");
/** With the length in two bytes in front. */
export const sized = (hex: string): string => `${hexOfNumber(bytesOf(hex).length, 2)} ${hex}`;

/** One attribute; the length fits the value. */
export function attribute(flags: string, type: number, value: string): string {
  return `${flags} ${hexOfNumber(type, 1)} ${hexOfNumber(bytesOf(value).length, 1)} ${value}`;
}

export const igp = attribute("40", 1, "00");
export const path = attribute("40", 2, "0201 0000fc00");
export const nextHop = attribute("40", 3, "0a090001");
export const mandatory = `${igp} ${path} ${nextHop}`;
export const localPref = attribute("40", 5, "00000064");
/** 192.0.2.0/24 and 198.51.100.7/32. */
export const nlri = "18c00002 20c6336407";
/** fd00:9::1, and fd00:200::1/128. */
export const ipv6Hop = "fd000009000000000000000000000001";
export const ipv6Prefix = "80fd000200000000000000000000000001";
export const mpReach = attribute("80", 14, `000201 10 ${ipv6Hop} 00 ${ipv6Prefix}`);

export type Parts = { readonly withdrawn?: string; readonly attributes?: string; readonly nlri?: string };

export function updateOf({ withdrawn = "", attributes = "", nlri: prefixes = "" }: Parts): Uint8Array {
  return messageOf("update", `${sized(withdrawn)} ${sized(attributes)} ${prefixes}`);
}

export function decoded(parts: Parts | Uint8Array, session: Partial<Negotiated> = {}): Update {
  const message = decodeMessage(parts instanceof Uint8Array ? parts : updateOf(parts), negotiation(session));
  assert.ok(message.kind === "update");
  return message;
}

/** Announced, withdrawn, End-of-RIB and faults on one line. */
export function summary({ announced, withdrawn, endOfRib, faults }: Update): string {
  const words = faults.map(({ approach, family }) => (family === undefined ? approach : `${approach} ${family}`));
  const ribs = endOfRib === undefined ? [] : [`end of ${endOfRib}`];
  return [`+${announced[4]},${announced[6]} -${withdrawn[4]},${withdrawn[6]}`, ...ribs, ...words].join(" ");
}

export const fate = (parts: Parts | Uint8Array, session?: Partial<Negotiated>): string => {
  try {
    return summary(decoded(parts, session));
  } catch (error) {
    assert.ok(error instanceof BgpMessageError, String(error));
    const { code, subcode, data } = error.notification;
    return `reset ${code}/${subcode} ${hexOf(data)}`.trim();
  }
};

export const good = "+2,0 -0,0";
export const withdrawn = "+0,0 -2,0 treat-as-withdraw";
export const discarded = "+2,0 -0,0 attribute-discard";

export type Case = {
  readonly name: string;
  readonly parts: Parts;
  readonly want: string;
  readonly session?: Partial<Negotiated>;
};

export const test = ({ name, parts, want, session }: Case): void => {
  it(name, () => assert.equal(fate(parts, session), want));
};
