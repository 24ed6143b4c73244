import { type Address, addressBytes } from "../net/address.ts";
import { SystemCallError, setSocketOption } from "./libc.ts";
import { addressFamily } from "./socket-address.ts";

const IPPROTO_TCP = 6;
const TCP_MD5SIG = 14;

/** `struct tcp_md5sig`: a `sockaddr_storage`, the length of the key, the key. */
const STRUCT_LENGTH = 216;
const KEY_LENGTH_AT = 130;
const KEY_AT = 136;
const LARGEST_PASSWORD = 80;

/** What is wrong with a password, without the password, or undefined if segments can be signed with it. */
export function tcpPasswordProblem(password: string): string | undefined {
  const length = Buffer.byteLength(password);
  if (length >= 1 && length <= LARGEST_PASSWORD) return undefined;
  return `password: ${length} bytes, not 1 to ${LARGEST_PASSWORD}`;
}

/**
 * From now on segments to and from a peer's address carry the MD5 signature of RFC 2385, and others of the peer are dropped; by
 * a listener too, for connections that it will accept. Another password takes the place of the one before; undefined: no
 * signature. Needs no capability.
 * @throws {RangeError} if the password is not 1 to 80 bytes of UTF-8
 * @throws {SystemCallError} ENOPROTOOPT if the kernel cannot (CONFIG_TCP_MD5SIG)
 */
export function setTcpPassword(fd: number, peer: Address, password: string | undefined): void {
  try {
    setSocketOption(fd, { level: IPPROTO_TCP, name: TCP_MD5SIG }, passwordOption(peer, password));
  } catch (error) {
    // There was none to be removed.
    const absent = error instanceof SystemCallError && error.code === "ENOENT";
    if (password !== undefined || !absent) throw error;
  }
}

/** `struct tcp_md5sig`; a key of no bytes removes that of the address. @throws {RangeError} as setTcpPassword does */
export function passwordOption(peer: Address, password: string | undefined): Uint8Array {
  const problem = password === undefined ? undefined : tcpPasswordProblem(password);
  if (problem !== undefined) throw new RangeError(problem);
  const key = Buffer.from(password ?? "");
  const bytes = new Uint8Array(STRUCT_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, addressFamily[peer.family], true);
  bytes.set(addressBytes(peer), peer.family === 4 ? 4 : 8);
  view.setUint16(KEY_LENGTH_AT, key.length, true);
  bytes.set(key, KEY_AT);
  return bytes;
}
