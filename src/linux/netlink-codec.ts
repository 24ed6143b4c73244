/**
 * The framing of netlink messages (RFC 3549; numbers from linux/netlink.h). Integers are in host order, which is little
 * endian on every machine that Herald runs on (x64, arm64).
 */

/** A message as the kernel sent it; `payload` is what follows the header. */
export type NetlinkMessage = {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
};

/** Attributes by type; of several of one type the last counts. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

const HEADER_LENGTH = 16;
const ATTRIBUTE_HEADER_LENGTH = 4;
const TYPE_MASK = 0x3fff;

const aligned = (length: number): number => (length + 3) & ~3;

/** A view on exactly the bytes of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 32-bit integer in host order: 4 bytes. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

/** The bytes of a message. */
export function encodeMessage({ type, flags, sequence, payload }: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + aligned(payload.length));
  const view = viewOf(bytes);
  view.setUint32(0, HEADER_LENGTH + payload.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(payload, HEADER_LENGTH);
  return bytes;
}

/** All whole messages of what one receive call gave; a cut message ends the list. */
export function decodeMessages(bytes: Uint8Array): readonly NetlinkMessage[] {
  const view = viewOf(bytes);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER_LENGTH <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_LENGTH || at + length > bytes.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: bytes.subarray(at + HEADER_LENGTH, at + length),
    });
    at += aligned(length);
  }
  return messages;
}

/** A fixed header followed by attributes. */
export function encodePayload(
  header: Uint8Array,
  attributes: readonly (readonly [type: number, value: Uint8Array])[],
): Uint8Array {
  const length = attributes.reduce((sum, [, value]) => sum + aligned(ATTRIBUTE_HEADER_LENGTH + value.length), 0);
  const bytes = new Uint8Array(aligned(header.length) + length);
  const view = viewOf(bytes);
  bytes.set(header);
  let at = aligned(header.length);
  for (const [type, value] of attributes) {
    view.setUint16(at, ATTRIBUTE_HEADER_LENGTH + value.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(value, at + ATTRIBUTE_HEADER_LENGTH);
    at += aligned(ATTRIBUTE_HEADER_LENGTH + value.length);
  }
  return bytes;
}

/** The attributes that follow a fixed header of this many bytes; a cut attribute ends the list. */
export function decodeAttributes(payload: Uint8Array, headerLength: number): Attributes {
  const view = viewOf(payload);
  const attributes = new Map<number, Uint8Array>();
  for (let at = headerLength; at + ATTRIBUTE_HEADER_LENGTH <= payload.length; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_LENGTH || at + length > payload.length) break;
    attributes.set(
      view.getUint16(at + 2, true) & TYPE_MASK,
      payload.subarray(at + ATTRIBUTE_HEADER_LENGTH, at + length),
    );
    at += aligned(length);
  }
  return attributes;
}
