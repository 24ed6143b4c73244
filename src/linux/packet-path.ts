import { type Address, addressFromBytes, type Family } from "../net/address.ts";

/** How a datagram came: who sent it, to which of our addresses, and with which TTL or hop limit. */
export type PacketPath = {
  readonly source: Address;
  readonly destination: Address;
  readonly hops: number;
};

/** What to ask of the kernel (`option`), what it says (`message`) and where in it the address is. */
type Layout = {
  readonly level: number;
  readonly hops: { readonly option: number; readonly message: number };
  readonly place: { readonly option: number; readonly message: number };
  readonly addressAt: number;
  readonly addressLength: number;
  readonly sourceAt: number;
};

const layouts: Readonly<Record<Family, Layout>> = {
  // IP_RECVTTL, IP_TTL, IP_PKTINFO: struct in_pktinfo.
  4: {
    level: 0,
    hops: { option: 12, message: 2 },
    place: { option: 8, message: 8 },
    addressAt: 8,
    addressLength: 4,
    sourceAt: 4,
  },
  // IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT, IPV6_RECVPKTINFO, IPV6_PKTINFO: struct in6_pktinfo.
  6: {
    level: 41,
    hops: { option: 51, message: 52 },
    place: { option: 49, message: 50 },
    addressAt: 0,
    addressLength: 16,
    sourceAt: 8,
  },
};

/** The options that make the kernel say how a datagram came. */
export function pathOptions(family: Family): readonly { readonly level: number; readonly name: number }[] {
  const { level, hops, place } = layouts[family];
  return [hops, place].map(({ option }) => ({ level, name: option }));
}

/** `struct cmsghdr`; each is followed by zeros up to a multiple of 8. */
const HEADER_LENGTH = 16;

/** Reads a datagram's sender and control messages; undefined if the kernel did not say all of it. */
export function decodePath(family: Family, sender: Uint8Array, control: Uint8Array): PacketPath | undefined {
  const layout = layouts[family];
  const { hops, place } = layout;
  const said = new Map<number, DataView>();
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  for (let at = 0; at + HEADER_LENGTH <= control.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (length < HEADER_LENGTH || at + length > control.length) break;
    if (view.getInt32(at + 8, true) === layout.level) said.set(view.getInt32(at + 12, true), body(view, at, length));
    at += Math.ceil(length / 8) * 8;
  }
  const [hopsBody, placeBody] = [said.get(hops.message), said.get(place.message)];
  if (hopsBody === undefined || placeBody === undefined) return undefined;
  return {
    source: addressFromBytes(sender.subarray(layout.sourceAt, layout.sourceAt + layout.addressLength)),
    destination: addressFromBytes(bytesAt(placeBody, layout.addressAt, layout.addressLength)),
    hops: hopsBody.getInt32(0, true),
  };
}

const body = (view: DataView, at: number, length: number): DataView =>
  new DataView(view.buffer, view.byteOffset + at + HEADER_LENGTH, length - HEADER_LENGTH);

const bytesAt = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);
