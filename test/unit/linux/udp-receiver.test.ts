/** Datagrams over loopback: how they came, and who is not heard. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { SystemCallError } from "../../../src/linux/libc.ts";
import type { PacketPath } from "../../../src/linux/packet-path.ts";
import { openUdpReceiver, type UdpReceiver, type UdpReceiverOptions } from "../../../src/linux/udp-receiver.ts";
import { openUdpSource, type UdpSource } from "../../../src/linux/udp-source.ts";
import type { Address } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";
import { eventually } from "../../support/eventually.ts";

const sources = {
  4: [address("127.0.0.2"), address("127.0.0.3"), address("127.0.0.1")],
  6: [address("::1"), address("2001:db8::1"), address("::1")],
} as const;
const longest = 2_048;

const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

type Heard = { readonly text: string; readonly path: PacketPath };
type Receiving = { readonly receiver: UdpReceiver; readonly port: number; readonly heard: Heard[] };

let nextPort = 21_000 + (process.pid % 10_000);

function receive(options: Pick<UdpReceiverOptions, "address" | "onLink"> & { readonly device?: string }): Receiving {
  const heard: Heard[] = [];
  const onDatagram = (datagram: Uint8Array, path: PacketPath): void =>
    void heard.push({ text: Buffer.from(datagram).toString(), path });
  for (;;) {
    const port = nextPort++;
    try {
      const receiver = openUdpReceiver({ ...options, port, onDatagram });
      open.push(receiver);
      return { receiver, port, heard };
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code !== "EADDRINUSE") throw error;
    }
  }
}

function sourceAt(from: Address): UdpSource {
  const source = openUdpSource({ address: from, random: Math.random });
  open.push(source);
  return source;
}

const say = (from: UdpSource, text: string, to: { readonly address: Address; readonly port: number }): void =>
  assert.equal(from.send(Buffer.from(text), to), undefined);

for (const family of [4, 6] as const)
  describe(`over IPv${family}`, () => {
    const [from, stranger, to] = sources[family];

    it("Given a datagram of a source, Then it is heard with its addresses and TTL 255", async () => {
      const { receiver, port, heard } = receive({ address: to, onLink: true, device: "lo" });
      receiver.setSources([stranger, from]);
      say(sourceAt(from), "down", { address: to, port });
      const [first] = await eventually("it is heard", () => (heard.length > 0 ? heard : undefined));
      const path = { source: from, destination: to, hops: 255 };
      assert.deepEqual(first, { text: "down", path });
    });

    it("Given nobody in the list, or others, Then what comes is never queued", () => {
      const { receiver, port, heard } = receive({ address: to, onLink: false });
      const source = sourceAt(from);
      say(source, "too early", { address: to, port });
      receiver.setSources([stranger]);
      say(source, "from a stranger", { address: to, port });
      receiver.setSources([from]);
      say(source, "from a peer", { address: to, port });
      receiver.drain();
      assert.deepEqual(
        heard.map(({ text }) => text),
        ["from a peer"],
      );
    });

    it("Given many that wait, Then drain reads them at once, in order", () => {
      const { receiver, port, heard } = receive({ address: to, onLink: true });
      receiver.setSources([from]);
      const source = sourceAt(from);
      for (let i = 0; i < 100; i++) say(source, `${i}`, { address: to, port });
      receiver.drain();
      assert.deepEqual(
        heard.map(({ text }) => Number(text)),
        Array.from({ length: 100 }, (_, i) => i),
      );
    });

    it("Given a datagram longer than the buffer, or of nothing, Then it is cut, or empty", () => {
      const { receiver, port, heard } = receive({ address: to, onLink: true });
      receiver.setSources([from]);
      const source = sourceAt(from);
      say(source, "x".repeat(9_000), { address: to, port });
      say(source, "", { address: to, port });
      receiver.drain();
      assert.deepEqual(
        heard.map(({ text }) => text.length),
        [longest, 0],
      );
    });

    it("Given a receiver that closes while it reads, Then it reads no more", () => {
      const { receiver, port, heard } = receive({ address: to, onLink: true });
      receiver.setSources([from]);
      const source = sourceAt(from);
      for (const text of ["1", "2"]) say(source, text, { address: to, port });
      const push = heard.push.bind(heard);
      heard.push = (...items) => {
        open.splice(open.indexOf(receiver), 1);
        receiver.close();
        return push(...items);
      };
      receiver.drain();
      assert.deepEqual(
        heard.map(({ text }) => text),
        ["1"],
      );
    });
  });

describe("the port of a source", () => {
  it("is one of 49152 to 65535, whatever chance says", () => {
    const ports = [0, 0.5, 0.999_999].map((chance) => {
      const source = openUdpSource({ address: sources[4][0], random: () => chance });
      open.push(source);
      return source.port;
    });
    assert.deepEqual(ports, [49_152, 57_344, 65_535]);
  });

  it("is another if that is taken; a chance that never changes is an error in the end", () => {
    const first = openUdpSource({ address: sources[4][0], random: () => 0.25 });
    open.push(first);
    const chances = [0.25, 0.25, 0.75];
    const second = openUdpSource({ address: sources[4][0], random: () => chances.shift() ?? 0 });
    open.push(second);
    assert.deepEqual([first.port, second.port], [53_248, 61_440]);
    assert.throws(() => openUdpSource({ address: sources[4][0], random: () => 0.25 }), { code: "EADDRINUSE" });
  });

  it("cannot be had at an address that is another host's", () => {
    assert.throws(() => sourceAt(address("192.0.2.1")), { code: "EADDRNOTAVAIL" });
  });
});

it("a receiver on a device that is not there is an error", () => {
  assert.throws(() => receive({ address: sources[4][0], onLink: true, device: "vrf-blue" }), { code: "ENODEV" });
});

it("a receiver at an address that is another host's is an error", () => {
  assert.throws(() => receive({ address: address("192.0.2.1"), onLink: true }), { code: "EADDRNOTAVAIL" });
});

for (const order of [
  ["lo", undefined],
  [undefined, "lo"],
] as const)
  it(`one port at two addresses, ${order[0] ?? "of all devices"} first: each hears what is for it`, () => {
    const heard: string[] = [];
    const [from, , at] = sources[4];
    const { port } = receive({ address: at, onLink: true });
    open.pop()?.close();
    const locals = [at, address("127.0.0.4")];
    const receivers = order.map((device, i) => {
      const onDatagram = (datagram: Uint8Array): void => void heard.push(`${i}: ${Buffer.from(datagram)}`);
      const receiver = openUdpReceiver({ address: locals[i] ?? at, port, device, onLink: true, onDatagram });
      open.push(receiver);
      receiver.setSources([from]);
      return receiver;
    });
    const source = sourceAt(from);
    for (const [i, local] of locals.entries()) say(source, `for ${i}`, { address: local, port });
    for (const receiver of receivers) receiver.drain();
    assert.deepEqual(heard, ["0: for 0", "1: for 1"]);
  });
