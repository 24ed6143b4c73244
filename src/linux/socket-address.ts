import { type Address, addressBytes } from "../net/address.ts";

/** Where a UDP socket is, or where a datagram goes. */
export type UdpEndpoint = { readonly address: Address; readonly port: number };

/** AF_INET and AF_INET6. */
export const addressFamily = { 4: 2, 6: 10 } as const;

const SOCKADDR_IN_LENGTH = 16;
const SOCKADDR_IN6_LENGTH = 28;

/** `struct sockaddr_in` or `sockaddr_in6`; a link-local address belongs to the device that the socket is bound to. */
export function socketAddress({ address, port }: UdpEndpoint): Uint8Array {
  const bytes = new Uint8Array(address.family === 4 ? SOCKADDR_IN_LENGTH : SOCKADDR_IN6_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, addressFamily[address.family], true);
  view.setUint16(2, port);
  bytes.set(addressBytes(address), address.family === 4 ? 4 : 8);
  return bytes;
}
