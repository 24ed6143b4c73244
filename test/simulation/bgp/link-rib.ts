import assert from "node:assert/strict";
import { addressFromBytes, type Family } from "../../../src/net/address.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";

/** What a router has learnt over one connection: prefixes as text, with their attributes as hexadecimal digits. */
export class Rib {
  readonly routes = new Map<string, string>();
  readonly endsOfRib: Family[] = [];

  /** Takes one message; all but UPDATEs teach nothing. */
  take(message: Uint8Array): void {
    if (message[18] !== 2) return;
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const withdrawnEnd = 21 + view.getUint16(19);
    const attributesEnd = withdrawnEnd + 2 + view.getUint16(withdrawnEnd);
    for (const gone of prefixes(message.subarray(21, withdrawnEnd), 4)) this.#withdraw(gone);
    const attributes = [...attributesOf(message.subarray(withdrawnEnd + 2, attributesEnd))];
    const path = attributes
      .filter(({ type }) => type !== 14 && type !== 15)
      .map(({ hex }) => hex)
      .join("");
    for (const { type, value } of attributes) this.#takeFamily(type, value, path);
    for (const added of prefixes(message.subarray(attributesEnd), 4)) this.routes.set(added, path);
    if (message.length === 23) this.endsOfRib.push(4);
  }

  #takeFamily(type: number, value: Uint8Array, path: string): void {
    const family = value[1] === 1 ? 4 : 6;
    if (type === 14)
      for (const added of prefixes(value.subarray(5 + (value[3] ?? 0)), family)) this.routes.set(added, path);
    if (type !== 15) return;
    const gone = prefixes(value.subarray(3), family);
    for (const one of gone) this.#withdraw(one);
    if (gone.length === 0) this.endsOfRib.push(family);
  }

  #withdraw(gone: string): void {
    assert.ok(this.routes.delete(gone), `${gone} is withdrawn, though it was never announced`);
  }
}

function* attributesOf(bytes: Uint8Array): Generator<{ type: number; value: Uint8Array; hex: string }> {
  for (let at = 0; at < bytes.length; ) {
    const [flags = 0, type = 0, high = 0, low = 0] = bytes.subarray(at);
    const isLong = (flags & 0x10) !== 0;
    const start = at + (isLong ? 4 : 3);
    const end = start + (isLong ? high * 256 + low : high);
    yield { type, value: bytes.subarray(start, end), hex: Buffer.from(bytes.subarray(at, end)).toString("hex") };
    at = end;
  }
}

function prefixes(bytes: Uint8Array, family: Family): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    const size = Math.ceil(length / 8);
    const address = new Uint8Array(family === 4 ? 4 : 16);
    address.set(bytes.subarray(at + 1, at + 1 + size));
    found.push(formatPrefix({ address: addressFromBytes(address), length }));
    at += 1 + size;
  }
  return found;
}
