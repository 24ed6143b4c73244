import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { beforeEach, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { encodeFrame, etherType } from "../../../src/linux/ethernet.ts";
import { emptyNetworkState, type NetworkState } from "../../../src/linux/interfaces.ts";
import { SystemCallError } from "../../../src/linux/libc.ts";
import type { PacketSocketOptions } from "../../../src/linux/packet-socket.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { parseMac } from "../../../src/net/mac.ts";
import { allNodesGroup, multicastMac } from "../../../src/protocols/ndp/frames.ts";
import { encodeRouterAdvertisement } from "../../../src/protocols/ndp/router-messages.ts";
import { BgpRouters } from "../../../src/speaker/bgp-routers.ts";
import { BgpSpeaker } from "../../../src/speaker/bgp-speaker.ts";
import { address } from "../../support/builders.ts";
import { peerCommand } from "./bgp-rig.ts";

const mac = parseMac("02:00:00:00:00:01") ?? assert.fail();
const routerMac = parseMac("02:00:00:00:00:02") ?? assert.fail();
const uplink = { index: 2, name: "eth0", ethernet: true, loopback: false, up: true, mac };
const downlink = { ...uplink, index: 3, name: "eth1" };
const linkLocal = (index: number, text: string): NetworkState["addresses"][number] => ({
  index,
  address: address(text),
  length: 64,
  linkLocal: true,
  mark: 0,
  passing: false,
  unproven: false,
});
const twoLinks: NetworkState = {
  ...emptyNetworkState,
  links: [uplink, downlink],
  addresses: [linkLocal(2, "fe80::a"), linkLocal(3, "fe80::b")],
};

type Opened = { readonly options: PacketSocketOptions; readonly sent: number[]; closed: boolean };

let nowMs = 0;
let network = twoLinks;
let opened: Opened[] = [];
let failure: Error | undefined;
let malformed = 0;

beforeEach(() => {
  nowMs = 0;
  network = twoLinks;
  opened = [];
  failure = undefined;
  malformed = 0;
});

/** `sent` holds the types of the ICMPv6 messages. */
function openSocket(options: PacketSocketOptions): { send(frame: Uint8Array): void; close(): void } {
  if (failure !== undefined) throw failure;
  const socket: Opened = { options, sent: [], closed: false };
  opened.push(socket);
  return {
    send: (frame) => void socket.sent.push(frame[54] ?? 0),
    close: () => {
      socket.closed = true;
    },
  };
}

const ports = {
  openSocket,
  network: () => network,
  isVirtual: () => false,
  now: () => nowMs,
  wake: () => {},
  malformed: () => {
    malformed++;
  },
  sendFailed: () => {},
};

const advertised = (text: string): Uint8Array =>
  encodeFrame({
    destination: multicastMac(allNodesGroup),
    source: routerMac,
    etherType: etherType.ipv6,
    payload: encodeRouterAdvertisement(address(text), routerMac),
  });
const hear = (text: string, socket = opened.at(-1)): void => socket?.options.onFrame(advertised(text));

const [ADVERTISEMENT, SOLICITATION] = [134, 133];

describe("the search for a router", () => {
  let routers: BgpRouters;
  beforeEach(() => {
    routers = new BgpRouters(ports, () => false);
    routers.want(new Set(["eth0"]));
    routers.turn();
  });
  const until = (ms: number): void => {
    for (; nowMs < ms; nowMs = Math.max(nowMs + 1, Math.min(ms, routers.wakeAtMs()))) routers.turn();
    routers.turn();
  };
  const found = (): string => {
    const each = routers.find("eth0");
    return "router" in each ? formatAddress(each.router) : each.problem;
  };
  const sent = (type: number): number => opened.flatMap((each) => each.sent).filter((each) => each === type).length;

  it("Given nobody, Then it asks each 4 s, and says each 10 s that this node is there", () => {
    assert.equal(found(), "unnumbered: no router has advertised itself on eth0");
    assert.deepEqual([sent(SOLICITATION), sent(ADVERTISEMENT)], [1, 1]);
    until(20_000);
    assert.deepEqual([sent(SOLICITATION), sent(ADVERTISEMENT)], [6, 3]);
  });

  it("Given a router, Then it is found and asked no more; and it is told of this node, once a second at most", () => {
    until(500);
    for (let i = 0; i < 9; i++) hear("fe80::1");
    assert.equal(found(), "fe80::1");
    until(2_500);
    assert.deepEqual([sent(SOLICITATION), sent(ADVERTISEMENT)], [1, 2]);
  });

  it("What this node says itself is no router, and malformed frames are counted", () => {
    hear("fe80::a");
    opened[0]?.options.onFrame(advertised("fe80::1").subarray(0, 60));
    opened[0]?.options.onFrame(new Uint8Array(3));
    assert.deepEqual([found(), malformed], ["unnumbered: no router has advertised itself on eth0", 1]);
  });

  const places: readonly (readonly [string, NetworkState])[] = [
    ["does not exist", { ...twoLinks, links: [downlink] }],
    ["is down", { ...twoLinks, links: [{ ...uplink, up: false }] }],
    ["is not Ethernet", { ...twoLinks, links: [{ ...uplink, ethernet: false }] }],
    ["has no link-local address", { ...twoLinks, addresses: [linkLocal(3, "fe80::b")] }],
  ];
  for (const [what, state] of places)
    it(`When the interface ${what}, Then that is said, and the search begins anew when that is over`, () => {
      hear("fe80::1");
      network = state;
      routers.turn();
      assert.equal(found(), `unnumbered: interface eth0 ${what}`);
      assert.equal(opened[0]?.closed, true);
      network = twoLinks;
      routers.turn();
      hear("fe80::1");
      assert.deepEqual([found(), opened.length], ["fe80::1", 2]);
    });

  it("Without the right to listen, Then that is said with the right that it needs, and it is tried again after 5 s", () => {
    failure = new SystemCallError("socket", 1);
    routers.want(new Set());
    assert.equal(opened[0]?.closed, true);
    routers.want(new Set(["eth0"]));
    routers.turn();
    assert.match(found(), /^unnumbered: listen for routers on eth0: .*EPERM.*: it needs CAP_NET_RAW$/);
    assert.equal(routers.wakeAtMs(), 5_000);
    failure = undefined;
    until(4_999);
    assert.equal(opened.length, 1);
    until(5_000);
    assert.equal(opened.length, 2);
  });
});

type Tried = { readonly peer: string; readonly device: string | undefined };
let tried: Tried[] = [];
let reports: { readonly name: string; readonly lastError?: string; readonly state: string }[] = [];
/** What routers that connected were sent. */
let told: Buffer[] = [];
let accept: ((from: string, device: string) => void) | undefined;

/** It never gets an answer to `connect`; `accept` lets a router connect to it. */
function openSpeaker(): BgpSpeaker {
  return new BgpSpeaker({
    ...ports,
    port: 179,
    openRouterSocket: openSocket,
    random: () => 0.5,
    machineOffsetMs: 0,
    report: (report) => void reports.push(report),
    trouble: () => {},
    connect: async ({ peer, device }) => {
      tried.push({ peer: formatAddress(peer.address), device });
      return new Promise(() => {});
    },
    listen: async ({ onConnection }) => {
      accept = (from, device) => {
        const [stream, far] = duplexPair();
        far.on("data", (bytes: Buffer) => told.push(bytes));
        const local = { address: address("fe80::a"), port: 179 };
        const peer = { address: address(from), port: 50_000 };
        onConnection({ stream, local, peer, device, setPassword: () => {}, setHops: () => {} });
      };
      return { setPeers: () => {}, close: () => {} };
    },
    bfd: {
      ...ports,
      random: () => 0.5,
      openReceiver: () => assert.fail("no BFD is wished for"),
      openSource: () => assert.fail("no BFD is wished for"),
    },
  });
}

describe("an unnumbered session", () => {
  let speaker: BgpSpeaker;

  beforeEach(() => {
    tried = [];
    told = [];
    reports = [];
    speaker = openSpeaker();
  });

  const turn = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      speaker.turn();
      await nextTurn();
    }
  };
  const wish = (device: string, passive = false): void => {
    const { peer: _, ...transport } = peerCommand("fe80::1").transport;
    const command = peerCommand("fe80::1", { settings: { passive } });
    speaker.apply({ ...command, name: device, transport: { ...transport, interface: device } });
  };

  it("Given a router that advertises itself, Then it is connected to on that interface; before, why not", async () => {
    wish("eth0");
    await turn();
    assert.equal(reports.at(-1)?.lastError, "unnumbered: no router has advertised itself on eth0");
    hear("fe80::1");
    await turn();
    wish("eth0");
    await turn();
    assert.deepEqual(tried, [{ peer: "fe80::1", device: "eth0" }]);
  });

  it("Given another router in its place, Then that one is connected to", async () => {
    wish("eth0");
    await turn();
    hear("fe80::1");
    await turn();
    nowMs = 40_000;
    hear("fe80::2");
    await turn();
    assert.deepEqual(tried.at(-1), { peer: "fe80::2", device: "eth0" });
  });

  it("Given another router in its place, Then the first one is told that there is no session with it any more", async () => {
    wish("eth0", true);
    await turn();
    hear("fe80::1");
    await turn();
    accept?.("fe80::1", "eth0");
    await turn();
    nowMs = 40_000;
    hear("fe80::2");
    await turn();
    const [NOTIFICATION, CEASE, DECONFIGURED] = [3, 6, 3];
    assert.deepEqual([...Buffer.concat(told).subarray(-3)], [NOTIFICATION, CEASE, DECONFIGURED]);
  });

  it("When the interface goes down, Then the session goes on trying the router that it knows", async () => {
    wish("eth0");
    await turn();
    hear("fe80::1");
    await turn();
    network = { ...twoLinks, links: [] };
    await turn();
    assert.deepEqual([reports.at(-1)?.state, tried.length], ["Connect", 1]);
  });

  for (const [what, command] of [
    ["there is no such session any more", { kind: "bgpPeerGone", name: "eth0" }],
    ["all is drained", { kind: "bgpDrain", text: "" }],
  ] as const)
    it(`When ${what}, Then no router is looked for`, async () => {
      wish("eth0");
      await turn();
      speaker.apply(command);
      hear("fe80::1");
      await turn();
      assert.deepEqual([opened[0]?.closed, tried], [true, []]);
    });

  it("Given routers with the same address on two interfaces, Then each connection is of the session of its interface", async () => {
    for (const device of ["eth0", "eth1"]) wish(device, true);
    await turn();
    for (const socket of opened) hear("fe80::1", socket);
    await turn();
    assert.deepEqual(reports.map(({ name, state }) => `${name} ${state}`).slice(-2), ["eth0 Active", "eth1 Active"]);
    accept?.("fe80::1", "eth1");
    await turn();
    assert.deepEqual([reports.at(-1)?.name, reports.at(-1)?.state], ["eth1", "OpenSent"]);
  });
});
