/**
 * Runs on a node: `node delay-packets.ts '<JSON of Delay>'`. Lets each packet that the kernel puts into the queue go on after
 * a while, those with the shorter one first; prints `delaying` once it does. Needs CAP_NET_ADMIN.
 */
import { bindSocket, openSocket, receiveNow, sendMessage, watchReadable } from "../../src/linux/libc.ts";
import {
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  encodePayload,
  viewOf,
} from "../../src/linux/netlink-codec.ts";
import type { Delay } from "./delays.ts";

// linux/netfilter/nfnetlink.h and nfnetlink_queue.h; numbers in messages are in network order.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_NETFILTER = 12;
const NLM_F_REQUEST = 1;
const QUEUE = 3 << 8;
const MESSAGE = { packet: QUEUE, verdict: QUEUE | 1, config: QUEUE | 2 } as const;
const ATTRIBUTE = { packetHeader: 1, verdictHeader: 2, command: 1, parameters: 2 } as const;
const BIND = 1;
const COPY_META = 1;
const NF_ACCEPT = 1;
const HEADER_LENGTH = 4;

const { queue, leastMs, mostMs } = JSON.parse(process.argv[2] ?? "") as Delay;
const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
const into = new Uint8Array(64 * 1024);
bindSocket(fd, new Uint8Array([AF_NETLINK, ...new Array<number>(11).fill(0)]));

function bytes(length: number, fill: (view: DataView) => void): Uint8Array {
  const made = new Uint8Array(length);
  fill(viewOf(made));
  return made;
}

const header = bytes(HEADER_LENGTH, (view) => view.setUint16(2, queue));

function send(type: number, attribute: number, value: Uint8Array): void {
  const payload = encodePayload(header, [[attribute, value]]);
  sendMessage(fd, encodeMessage({ type, flags: NLM_F_REQUEST, sequence: 0, payload }));
}

function accept(packetId: number): void {
  const verdict = bytes(8, (view) => {
    view.setUint32(0, NF_ACCEPT);
    view.setUint32(4, packetId);
  });
  send(MESSAGE.verdict, ATTRIBUTE.verdictHeader, verdict);
}

function receive(): void {
  for (let length = receiveNow(fd, into); length !== undefined; length = receiveNow(fd, into)) {
    for (const { type, payload } of decodeMessages(into.slice(0, length))) {
      const packet =
        type === MESSAGE.packet ? decodeAttributes(payload, HEADER_LENGTH).get(ATTRIBUTE.packetHeader) : undefined;
      if (packet === undefined) continue;
      const packetId = viewOf(packet).getUint32(0);
      setTimeout(accept, leastMs + Math.random() * (mostMs - leastMs), packetId);
    }
  }
}

send(
  MESSAGE.config,
  ATTRIBUTE.command,
  bytes(4, (view) => view.setUint8(0, BIND)),
);
send(
  MESSAGE.config,
  ATTRIBUTE.parameters,
  bytes(5, (view) => view.setUint8(4, COPY_META)),
);
watchReadable(fd, receive);
process.stdout.write("delaying\n");
