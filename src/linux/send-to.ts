import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const MSG_DONTWAIT = 0x40;

const sendto = koffi.load(null).func("int64_t sendto(int, const void *, size_t, int, const void *, uint32_t)") as (
  fd: number,
  message: Uint8Array,
  length: number,
  flags: number,
  address: Uint8Array,
  addressLength: number,
) => number | bigint;

/**
 * Sends one datagram without waiting, to an address in the kernel's layout. Gives the name of the errno if the kernel did not
 * take it (EAGAIN, ENOBUFS, ENETUNREACH, EPERM of a firewall, …), else undefined.
 */
export function sendTo(fd: number, message: Uint8Array, address: Uint8Array): string | undefined {
  const result = sendto(fd, message, message.length, MSG_DONTWAIT, address, address.length);
  return result < 0 ? getSystemErrorName(-koffi.errno()) : undefined;
}
