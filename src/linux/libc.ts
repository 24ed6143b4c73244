import { getSystemErrorName } from "node:util";
import koffi from "koffi";

/** A system call said no; `code` is the name of its errno, such as "ENOBUFS". */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

const MSG_DONTWAIT = 0x40;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const EINTR = 4;
const EAGAIN = 11;

type Native<Arguments extends readonly unknown[]> = (...values: Arguments) => number | bigint;

const library = koffi.load(null);
const native = {
  socket: library.func("int socket(int, int, int)") as Native<[number, number, number]>,
  close: library.func("int close(int)") as Native<[number]>,
  bind: library.func("int bind(int, const void *, uint32_t)") as Native<[number, Uint8Array, number]>,
  setsockopt: library.func("int setsockopt(int, int, int, const void *, uint32_t)") as Native<
    [number, number, number, Uint8Array, number]
  >,
  send: library.func("int64_t send(int, const void *, size_t, int)") as Native<[number, Uint8Array, number, number]>,
  recv: library.func("int64_t recv(int, void *, size_t, int)") as Native<[number, Uint8Array, number, number]>,
};

function checked(call: string, result: number | bigint): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno());
  return Number(result);
}

/** A new close-on-exec socket's file descriptor; its owner closes it. @throws {SystemCallError} */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked("socket", native.socket(domain, type | SOCK_CLOEXEC, protocol));
}

/** Closes a file descriptor; after `watchReadable` close the watch first. @throws {SystemCallError} */
export function closeSocket(fd: number): void {
  checked("close", native.close(fd));
}

/** Binds to an address in the kernel's layout (`struct sockaddr_*`). @throws {SystemCallError} */
export function bindSocket(fd: number, address: Uint8Array): void {
  checked("bind", native.bind(fd, address, address.length));
}

/** Sets a socket option to a value in the kernel's layout. @throws {SystemCallError} */
export function setSocketOption(fd: number, option: { level: number; name: number }, value: Uint8Array): void {
  checked("setsockopt", native.setsockopt(fd, option.level, option.name, value, value.length));
}

/** Lets through only what a classic BPF program (8 bytes an instruction) accepts. @throws {SystemCallError} */
export function attachFilter(fd: number, program: Uint8Array): void {
  const descriptor = new Uint8Array(16);
  const view = new DataView(descriptor.buffer);
  view.setUint16(0, program.length / 8, true);
  view.setBigUint64(8, koffi.address(program), true);
  setSocketOption(fd, { level: SOL_SOCKET, name: SO_ATTACH_FILTER }, descriptor);
}

/** Sends one message without waiting. @throws {SystemCallError} EAGAIN or ENOBUFS if the kernel has no room for it */
export function sendMessage(fd: number, message: Uint8Array): void {
  checked("send", native.send(fd, message, message.length, MSG_DONTWAIT));
}

/** The length of the next message, put into `into` and cut to its size, or undefined if none waits. @throws {SystemCallError} */
export function receiveNow(fd: number, into: Uint8Array): number | undefined {
  const length = native.recv(fd, into, into.length, MSG_DONTWAIT);
  if (length >= 0) return Number(length);
  const errno = koffi.errno();
  if (errno === EAGAIN || errno === EINTR) return undefined;
  throw new SystemCallError("recv", errno);
}

/** As receiveNow, but waits, and stops the thread meanwhile, up to the socket's receive timeout. @throws {SystemCallError} EAGAIN after it */
export function receiveBlocking(fd: number, into: Uint8Array): number {
  for (;;) {
    const length = native.recv(fd, into, into.length, 0);
    if (length >= 0) return Number(length);
    if (koffi.errno() !== EINTR) throw new SystemCallError("recv", koffi.errno());
  }
}

/** A watch on a file descriptor. Keep it referenced: one that is garbage collected stops silently. */
export type ReadableWatch = { close(): void };

/** Calls back in this thread's event loop as long as there is something to read; keeps the loop alive. */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  // libuv ends a poll at the first socket error (interface down, event buffer full). Reading clears such an error, and the
  // socket lives on, so the poll is begun again.
  const onPoll: PollCallback = (status) => {
    if (status !== 0) {
      handle.close();
      handle = poll(fd, { readable: true }, onPoll);
    }
    onReadable();
  };
  let handle = poll(fd, { readable: true }, onPoll);
  const watch = {
    close: () => {
      watches.delete(watch);
      handle.close();
    },
  };
  watches.add(watch);
  return watch;
}

const watches = new Set<ReadableWatch>();

/**
 * Closes every watch of this thread. To be called when the thread ends, in whatever way: the native code ends the whole
 * process by a segmentation fault if a poll is open then.
 */
export function closeAllWatches(): void {
  for (const watch of [...watches]) watch.close();
}

type PollCallback = (status: number) => void;

/** The callback's first argument really is a status, 0 or a negative errno; koffi's declaration leaves it out. */
const poll = koffi.node.poll as unknown as (
  fd: number,
  events: { readable: boolean },
  callback: PollCallback,
) => ReadableWatch;
