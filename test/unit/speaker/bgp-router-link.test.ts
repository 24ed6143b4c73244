/** Who of several routers on a link is taken. */
import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { encodeFrame, etherType } from "../../../src/linux/ethernet.ts";
import { emptyNetworkState } from "../../../src/linux/interfaces.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { parseMac } from "../../../src/net/mac.ts";
import { allNodesGroup, multicastMac } from "../../../src/protocols/ndp/frames.ts";
import { encodeRouterAdvertisement } from "../../../src/protocols/ndp/router-messages.ts";
import { RouterLink } from "../../../src/speaker/bgp-router-link.ts";
import { address } from "../../support/builders.ts";

const mac = parseMac("02:00:00:00:00:01") ?? assert.fail();
const routerMac = parseMac("02:00:00:00:00:02") ?? assert.fail();
const [one, two] = ["fe80::1", "fe80::2"] as const;

let nowMs: number;
let isUsed: boolean;
let hear: (router: string) => void;
let link: RouterLink;

beforeEach(() => {
  [nowMs, isUsed] = [0, false];
  const ports = {
    openSocket: ({ onFrame }: { readonly onFrame: (bytes: Uint8Array) => void }) => {
      hear = (router) => onFrame(advertised(router));
      return { send: () => {}, close: () => {} };
    },
    network: () => emptyNetworkState,
    now: () => nowMs,
    wake: () => {},
    malformed: assert.fail,
    sendFailed: assert.fail,
  };
  link = new RouterLink({ index: 2, mac, own: address("fe80::a") }, ports, () => isUsed);
});

function advertised(router: string): Uint8Array {
  const ends = { destination: multicastMac(allNodesGroup), source: routerMac };
  return encodeFrame({
    ...ends,
    etherType: etherType.ipv6,
    payload: encodeRouterAdvertisement(address(router), routerMac),
  });
}

const found = (): string | undefined => link.router && formatAddress(link.router);

const chances = [
  { what: "the first was found less than 30 s ago", afterMs: 29_000, used: false, router: one },
  { what: "no session with the first came up for 30 s", afterMs: 31_000, used: false, router: two },
  { what: "the session with the first stands", afterMs: 31_000, used: true, router: one },
];
for (const { what, afterMs, used, router } of chances)
  it(`Given another router, When ${what}, Then the router is ${router}`, () => {
    hear(one);
    nowMs = afterMs;
    isUsed = used;
    hear(two);
    assert.equal(found(), router);
  });

it("Given two routers that are both heard and no session, Then each has its chance in turn", () => {
  const inTurn = [0, 10_000, 20_000, 31_000, 40_000, 62_000].map((ms) => {
    nowMs = ms;
    for (const each of [one, two]) hear(each);
    return found();
  });
  assert.deepEqual(inTurn, [one, one, one, two, two, one]);
});

it("When a session is lost after long, Then its router has 30 s before another that is heard", () => {
  hear(one);
  isUsed = true;
  link.turn(nowMs);
  nowMs = 300_000;
  isUsed = false;
  link.turn(nowMs);
  nowMs += 29_000;
  hear(two);
  assert.equal(found(), one);
  nowMs += 2_000;
  hear(two);
  assert.equal(found(), two);
});

it("Given a session that stands before any router is heard here, Then the first is taken at once", () => {
  isUsed = true;
  link.turn(nowMs);
  isUsed = false;
  hear(two);
  assert.equal(found(), two);
});
