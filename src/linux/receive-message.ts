import koffi from "koffi";
import { SystemCallError } from "./libc.ts";

const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const EAGAIN = 11;

const recvmsg = koffi.load(null).func("int64_t recvmsg(int, void *, int)") as (
  fd: number,
  header: Uint8Array,
  flags: number,
) => number | bigint;

/** Places for a message, its sender and what the kernel says of it; the arrays are as large as what is to be taken in. */
export type MessageBuffers = {
  readonly message: Uint8Array;
  readonly sender: Uint8Array;
  readonly control: Uint8Array;
};

/** What was received, as lengths of the beginning of each buffer; a longer message is cut. */
export type ReceivedMessage = { readonly length: number; readonly controlLength: number };

/** Offsets in `struct msghdr` of 64-bit Linux, and of its one `struct iovec`, which follows it here. */
const at = { name: 0, nameLength: 8, vector: 16, vectorLength: 24, control: 32, controlLength: 40 };
const vectorAt = { base: 56, length: 64 };
const LENGTH = 72;

/** Takes messages into these buffers, and gives their lengths; undefined if none waits. @throws {SystemCallError} */
export function messageReceiver(into: MessageBuffers): (fd: number) => ReceivedMessage | undefined {
  const header = new Uint8Array(new ArrayBuffer(LENGTH));
  const view = new DataView(header.buffer);
  view.setBigUint64(at.name, koffi.address(into.sender), true);
  view.setBigUint64(at.vector, koffi.address(header) + BigInt(vectorAt.base), true);
  view.setBigUint64(at.vectorLength, 1n, true);
  view.setBigUint64(at.control, koffi.address(into.control), true);
  view.setBigUint64(vectorAt.base, koffi.address(into.message), true);
  view.setBigUint64(vectorAt.length, BigInt(into.message.length), true);
  return (fd) => {
    // Each call overwrites how much room there is with how much was used.
    view.setUint32(at.nameLength, into.sender.length, true);
    view.setBigUint64(at.controlLength, BigInt(into.control.length), true);
    const length = recvmsg(fd, header, MSG_DONTWAIT);
    if (length >= 0)
      return { length: Number(length), controlLength: Number(view.getBigUint64(at.controlLength, true)) };
    const errno = koffi.errno();
    if (errno === EAGAIN || errno === EINTR) return undefined;
    throw new SystemCallError("recvmsg", errno);
  };
}
