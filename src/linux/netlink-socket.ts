import { getSystemErrorName } from "node:util";
import {
  bindSocket,
  closeSocket,
  openSocket,
  type ReadableWatch,
  receiveBlocking,
  receiveNow,
  SystemCallError,
  sendMessage,
  setSocketOption,
  watchReadable,
} from "./libc.ts";
import { decodeMessages, encodeMessage, type NetlinkMessage, viewOf } from "./netlink-codec.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_GET_STRICT_CHK = 12;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const ENOENT = 2;
/** Larger than any datagram of the kernel; what is received is copied out at once, so one for all sockets does. */
const receiveBuffer = new Uint8Array(64 * 1024);
const EVENT_BUFFER_BYTES = 4 * 1024 * 1024;
const ANSWER_TIMEOUT_SECONDS = 2n;
const REQUESTS_PER_SEND = 64;
const DUMP_ATTEMPTS = 5;

/** What an RTM request asks; `flags` besides those that every request has, such as `requestFlag.create`. */
export type NetlinkRequest = { readonly type: number; readonly flags: number; readonly payload: Uint8Array };

/** Flags of requests that make something. */
export const requestFlag = { replace: 0x100, exclusive: 0x200, create: 0x400 } as const;

/** Multicast groups of events, to be combined by or. */
export const eventGroup = { link: 0x1, address4: 0x10, route4: 0x40, address6: 0x100, route6: 0x400 } as const;

/** Asks the kernel and waits for its answer, which takes some 10 µs a request. */
export type NetlinkSocket = {
  /** All objects that a dump request names. @throws {SystemCallError} */
  dump(type: number, payload: Uint8Array): readonly NetlinkMessage[];
  /** Does the requests in their order; the name of the errno of each, or undefined where it was done. @throws {SystemCallError} */
  apply(requests: readonly NetlinkRequest[]): readonly (string | undefined)[];
  close(): void;
};

/** Opens a socket for requests. @throws {SystemCallError} */
export function openNetlink(): NetlinkSocket {
  const fd = openRequestSocket();
  let sequence = 0;
  return {
    dump: (type, payload) => {
      for (let attempt = 1; ; attempt++) {
        const messages = dumpOnce(fd, ++sequence, { type, flags: NLM_F_DUMP, payload });
        if (attempt === DUMP_ATTEMPTS || !messages.some(({ flags }) => flags & NLM_F_DUMP_INTR)) return messages;
      }
    },
    apply: (requests) => {
      const results: (string | undefined)[] = [];
      for (let at = 0; at < requests.length; at += REQUESTS_PER_SEND) {
        const batch = requests.slice(at, at + REQUESTS_PER_SEND);
        results.push(...applyBatch(fd, sequence + 1, batch));
        sequence += batch.length;
      }
      return results;
    },
    close: () => closeSocket(fd),
  };
}

function openRequestSocket(): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  bindSocket(fd, socketAddress(0));
  setSocketOption(fd, { level: SOL_NETLINK, name: NETLINK_GET_STRICT_CHK }, int32(1));
  setSocketOption(fd, { level: SOL_SOCKET, name: SO_RCVTIMEO }, timeValue(ANSWER_TIMEOUT_SECONDS));
  return fd;
}

function dumpOnce(fd: number, sequence: number, request: NetlinkRequest): readonly NetlinkMessage[] {
  sendMessage(fd, encodeMessage({ ...request, flags: request.flags | NLM_F_REQUEST, sequence }));
  const found: NetlinkMessage[] = [];
  for (;;) {
    const part = partOf(receiveAnswers(fd).filter((message) => message.sequence === sequence));
    found.push(...part.found);
    if (part.end !== undefined) return found;
  }
}

/**
 * A dump whose parts come as events, so that the thread does its other work between them; `part` gets what of a part is
 * of the dump, `end` is called after the last. Close it only before its end. @throws {SystemCallError}
 */
export function dumpInParts(
  { type, payload }: Pick<NetlinkRequest, "type" | "payload">,
  on: { readonly part: (messages: readonly NetlinkMessage[]) => void; readonly end: () => void },
): ReadableWatch {
  const fd = openRequestSocket();
  sendMessage(fd, encodeMessage({ type, flags: NLM_F_DUMP | NLM_F_REQUEST, sequence: 1, payload }));
  const watch = watchReadable(fd, () => {
    const length = receiveNow(fd, receiveBuffer);
    if (length === undefined) return;
    const { found, end } = partOf(decodeMessages(receiveBuffer.slice(0, length)));
    on.part(found);
    if (end === undefined) return;
    dump.close();
    on.end();
  });
  const dump = {
    close: () => {
      watch.close();
      closeSocket(fd);
    },
  };
  return dump;
}

type DumpPart = { readonly found: readonly NetlinkMessage[]; readonly end: NetlinkMessage | undefined };

function partOf(answers: readonly NetlinkMessage[]): DumpPart {
  const end = answers.find(({ type }) => type === NLMSG_DONE || type === NLMSG_ERROR);
  const errno = end === undefined ? 0 : errnoOf(end);
  // A routing table does not exist before its first route.
  if (errno !== 0 && errno !== ENOENT) throw new SystemCallError("netlink dump", errno);
  return { found: answers.filter((message) => message !== end), end };
}

function receiveAnswers(fd: number): readonly NetlinkMessage[] {
  return decodeMessages(receiveBuffer.slice(0, receiveBlocking(fd, receiveBuffer)));
}

function applyBatch(
  fd: number,
  firstSequence: number,
  requests: readonly NetlinkRequest[],
): readonly (string | undefined)[] {
  const encoded = requests.map((request, i) =>
    encodeMessage({ ...request, flags: request.flags | NLM_F_REQUEST | NLM_F_ACK, sequence: firstSequence + i }),
  );
  sendMessage(fd, Buffer.concat(encoded));
  const results = new Map<number, string | undefined>();
  while (results.size < requests.length) {
    for (const message of receiveAnswers(fd)) {
      if (message.type !== NLMSG_ERROR || message.sequence < firstSequence) continue;
      const errno = errnoOf(message);
      results.set(message.sequence, errno === 0 ? undefined : getSystemErrorName(-errno));
    }
  }
  return requests.map((_, i) => results.get(firstSequence + i));
}

function errnoOf({ payload }: NetlinkMessage): number {
  return payload.length >= 4 ? -viewOf(payload).getInt32(0, true) : 0;
}

/**
 * Calls back for each event of the groups, and `onOverrun` when the kernel says that events were lost: then everything is
 * to be dumped again. @throws {SystemCallError}
 */
export function watchNetlink(
  groups: number,
  on: { readonly event: (message: NetlinkMessage) => void; readonly overrun: () => void },
): ReadableWatch {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  growReceiveBuffer(fd);
  bindSocket(fd, socketAddress(groups));
  const watch = watchReadable(fd, () => {
    for (let events = receiveEvents(fd); events !== undefined; events = receiveEvents(fd)) {
      if (events === "overrun") on.overrun();
      else events.forEach(on.event);
    }
  });
  return {
    close: () => {
      watch.close();
      closeSocket(fd);
    },
  };
}

function receiveEvents(fd: number): readonly NetlinkMessage[] | "overrun" | undefined {
  try {
    const length = receiveNow(fd, receiveBuffer);
    return length === undefined ? undefined : decodeMessages(receiveBuffer.slice(0, length));
  } catch (error) {
    if (error instanceof SystemCallError && error.code === "ENOBUFS") return "overrun";
    throw error;
  }
}

function growReceiveBuffer(fd: number): void {
  try {
    setSocketOption(fd, { level: SOL_SOCKET, name: SO_RCVBUFFORCE }, int32(EVENT_BUFFER_BYTES));
  } catch {
    // Without NET_ADMIN the kernel's limit holds; overruns are then more likely, and repaired.
    setSocketOption(fd, { level: SOL_SOCKET, name: SO_RCVBUF }, int32(EVENT_BUFFER_BYTES));
  }
}

function socketAddress(groups: number): Uint8Array {
  const bytes = new Uint8Array(12);
  viewOf(bytes).setUint16(0, AF_NETLINK, true);
  viewOf(bytes).setUint32(8, groups, true);
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setInt32(0, value, true);
  return bytes;
}

function timeValue(seconds: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  viewOf(bytes).setBigInt64(0, seconds, true);
  return bytes;
}
