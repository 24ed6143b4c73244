import type { Mac } from "../net/mac.ts";

/** An Ethernet II frame (RFC 894) without VLAN tag: the kernel takes that off before packet sockets see it. */
export type EthernetFrame = {
  readonly destination: Mac;
  readonly source: Mac;
  readonly etherType: number;
  readonly payload: Uint8Array;
};

/** The types that Herald speaks. */
export const etherType = { arp: 0x0806, ipv6: 0x86dd } as const;

const HEADER_LENGTH = 14;

/** The bytes of a frame; padding to the 60 bytes of Ethernet is the driver's work. */
export function encodeFrame({ destination, source, etherType, payload }: EthernetFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + payload.length);
  bytes.set(destination);
  bytes.set(source, 6);
  new DataView(bytes.buffer).setUint16(12, etherType);
  bytes.set(payload, HEADER_LENGTH);
  return bytes;
}

/** The frame that bytes hold (views, not copies), or undefined if they are shorter than its header. */
export function decodeFrame(bytes: Uint8Array): EthernetFrame | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  return {
    destination: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    etherType: new DataView(bytes.buffer, bytes.byteOffset).getUint16(12),
    payload: bytes.subarray(HEADER_LENGTH),
  };
}
