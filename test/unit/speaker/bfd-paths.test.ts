import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { SystemCallError } from "../../../src/linux/libc.ts";
import type { UdpReceiverOptions } from "../../../src/linux/udp-receiver.ts";
import { formatAddress } from "../../../src/net/address.ts";
import type { BfdPath } from "../../../src/protocols/bfd/admission.ts";
import { type BfdState, decodeBfd, encodeBfd } from "../../../src/protocols/bfd/packet.ts";
import { BfdPaths } from "../../../src/speaker/bfd-paths.ts";
import type { WatchOptions } from "../../../src/speaker/bfd-watch.ts";
import { address } from "../../support/builders.ts";

let nowMs: number;
let calls: string[];
let sent: Uint8Array[];
let waiting: (() => void)[];
let receivers: UdpReceiverOptions[];
let malformed: number;
let sourcesFail: boolean;
let paths: BfdPaths;

beforeEach(() => {
  [nowMs, calls, sent, waiting, receivers, malformed] = [0, [], [], [], [], 0];
  sourcesFail = false;
  let chance = 0;
  paths = new BfdPaths({
    now: () => nowMs,
    random: () => (chance = (chance + 0.123) % 1),
    wake: () => {},
    malformed: () => {
      malformed += 1;
    },
    sendFailed: () => void calls.push("send failed"),
    openReceiver: (options) => {
      receivers.push(options);
      calls.push(`open ${options.port} ${options.device}`);
      return {
        setSources: (sources) => {
          if (sourcesFail) throw new SystemCallError("setsockopt", 12);
          calls.push(`from ${sources.map(formatAddress).join(" ")}`);
        },
        drain: () => {
          for (const arrive of waiting.splice(0)) arrive();
        },
        close: () => void calls.push(`close ${options.port}`),
      };
    },
    openSource: () => ({ port: 50_000, close: () => {}, send: (datagram) => void sent.push(datagram) }),
  });
});

const onLink = (peer: string): BfdPath => ({
  kind: "singleHop",
  peer: address(peer),
  local: address("10.9.0.1"),
});
const news: string[] = [];

function options(path: BfdPath, device?: string, deviceIndex?: number): WatchOptions {
  return {
    path: { ...path, deviceIndex },
    device,
    settings: { transmitMs: 100, receiveMs: 100, multiplier: 3, controlPlaneIndependent: true },
    onNews: (each) => void news.push(each.kind),
  };
}

/** A packet of 10.9.0.2 in this state, to the one whom it last heard. */
function arrival(state: BfdState): void {
  const heard = sent.at(-1);
  assert.ok(heard);
  const packet = decodeBfd(heard);
  const datagram = encodeBfd({
    ...packet,
    state,
    poll: false,
    desiredMinTxUs: 100_000,
    requiredMinRxUs: 100_000,
    myDiscriminator: 7,
    yourDiscriminator: packet.myDiscriminator,
  });
  receivers[0]?.onDatagram(datagram, {
    source: address("10.9.0.2"),
    destination: address("10.9.0.1"),
    hops: 255,
  });
}

function arrivalsUntilUp(): void {
  paths.turn();
  arrival("down");
  arrival("init");
  paths.turn();
}

it("Given paths of one kind, Then they share a port that lets in their peers alone, and it closes with the last", () => {
  const one = paths.watch(options(onLink("10.9.0.2")));
  const two = paths.watch(options(onLink("10.9.0.3")));
  for (const watch of [one, two]) {
    watch.stop(nowMs);
    paths.turn();
  }
  assert.deepEqual(calls, [
    "open 3784 undefined",
    "from 10.9.0.2",
    "from 10.9.0.2 10.9.0.3",
    "from 10.9.0.3",
    "close 3784",
  ]);
});

it("Given a path that is watched, Then another on it is refused: the peer has one session for both", () => {
  const one = paths.watch(options(onLink("10.9.0.2")));
  assert.throws(() => paths.watch(options(onLink("10.9.0.2"))), /^RangeError: another session's BFD is on this path$/);
  const far = { kind: "multihop", peer: address("10.9.0.3"), local: address("10.9.0.1") } as const;
  paths.watch(options({ ...far, leastHops: 254 }));
  assert.throws(() => paths.watch(options({ ...far, leastHops: 253 })), RangeError, "whatever TTL it lets in");
  arrivalsUntilUp();
  one.stop(nowMs);
  paths.watch(options(onLink("10.9.0.2")));
  paths.turn();
  assert.deepEqual(
    sent.slice(-2).map((each) => decodeBfd(each).state),
    ["adminDown", "down"],
    "the one that was stopped says so, and makes room",
  );
});

it("Given another family, kind or VRF, Then each has a port of its own", () => {
  paths.watch(options(onLink("10.9.0.2")));
  paths.watch(options(onLink("10.9.0.2"), "red", 7));
  paths.watch(options({ kind: "multihop", peer: address("10.9.0.2"), local: address("10.9.0.1"), leastHops: 1 }));
  const opened = calls.filter((call) => call.startsWith("open"));
  assert.deepEqual(opened, ["open 3784 undefined", "open 3784 red", "open 4784 undefined"]);
});

it("Given a VRF that was made anew, Then its port is opened anew, for the one before stays with the VRF that is gone", () => {
  paths.watch(options(onLink("10.9.0.2"), "red", 7));
  paths.watch(options(onLink("10.9.0.3"), "red", 7));
  paths.watch(options(onLink("10.9.0.2"), "red", 9));
  assert.equal(calls.filter((call) => call === "open 3784 red").length, 2);
});

it("Given a port that takes no more peers, Then a path is not watched, and leaves nothing behind", () => {
  sourcesFail = true;
  assert.throws(() => paths.watch(options(onLink("10.9.0.2"))), { code: "ENOMEM" });
  assert.deepEqual([calls, paths.wakeAtMs()], [["open 3784 undefined", "close 3784"], Number.POSITIVE_INFINITY]);
  sourcesFail = false;
  paths.watch(options(onLink("10.9.0.3")));
  sourcesFail = true;
  assert.throws(() => paths.watch(options(onLink("10.9.0.4"))), { code: "ENOMEM" });
  sourcesFail = false;
  paths.watch(options(onLink("10.9.0.5")));
  assert.deepEqual(calls.slice(2), ["open 3784 undefined", "from 10.9.0.3", "from 10.9.0.3 10.9.0.5"]);
});

it("Given a port that cannot be closed to a peer, When its path ends, Then the others go on", () => {
  const one = paths.watch(options(onLink("10.9.0.2")));
  paths.watch(options(onLink("10.9.0.3")));
  sourcesFail = true;
  one.stop(nowMs);
  paths.turn();
  assert.ok(paths.wakeAtMs() < Number.POSITIVE_INFINITY);
});

it("Given a pause of this thread, Then what waits in the socket is read before anything is taken for silence", () => {
  news.length = 0;
  paths.watch(options(onLink("10.9.0.2")));
  arrivalsUntilUp();
  assert.deepEqual(news, ["up"]);
  nowMs += 5_000;
  waiting.push(() => arrival("up"));
  paths.turn();
  assert.deepEqual(news, ["up"]);
  nowMs += 5_000;
  paths.turn();
  assert.deepEqual(news, ["up", "down"]);
});

it("Given a session that is up, When it is stopped, Then the peer is told for its detection time, and nobody else hears of it", () => {
  news.length = 0;
  const watch = paths.watch(options(onLink("10.9.0.2")));
  arrivalsUntilUp();
  watch.stop(nowMs);
  paths.turn();
  assert.equal(decodeBfd(sent.at(-1) ?? new Uint8Array()).state, "adminDown");
  assert.ok(!calls.includes("close 3784"));
  nowMs += 10_000;
  paths.turn();
  assert.ok(calls.includes("close 3784"));
  assert.equal(paths.wakeAtMs(), Number.POSITIVE_INFINITY);
  assert.deepEqual(news, ["up"]);
});

it("Given bytes that are no packet, Then they are counted and mean nothing", () => {
  paths.watch(options(onLink("10.9.0.2")));
  const path = { source: address("10.9.0.2"), destination: address("10.9.0.1"), hops: 255 };
  receivers[0]?.onDatagram(new Uint8Array(24), path);
  assert.equal(malformed, 1);
});
