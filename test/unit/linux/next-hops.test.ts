import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodePayload, type NetlinkMessage, uint32 } from "../../../src/linux/netlink-codec.ts";
import { hopKey, type KnownHops, routeNews } from "../../../src/linux/next-hops.ts";
import { messageType, type NextHop } from "../../../src/linux/rtnetlink.ts";
import { addressBytes } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";

const gateway = address("192.0.2.1");

/** An event about an IPv4 route of the main table that leaves by device 7. */
function event(type: "newRoute" | "delRoute", options: { length?: number; via?: string } = {}): NetlinkMessage {
  const header = Uint8Array.of(2, options.length ?? 24, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0);
  const via = options.via === undefined ? [] : [[5, addressBytes(address(options.via))] as const];
  return { type: messageType[type], flags: 0, sequence: 0, payload: encodePayload(header, [[4, uint32(7)], ...via]) };
}

const hop: NextHop = { index: 7, gateway, isDefault: false };
const known: KnownHops = new Map([[hopKey(hop), hop]]);
const nothing = { learn: [], readInMs: undefined };

describe("what an event about a route is worth", () => {
  it("a default route that comes or goes has all routes read soon", () => {
    for (const type of ["newRoute", "delRoute"] as const)
      for (const via of ["192.0.2.1", "192.0.2.9", undefined]) {
        const { readInMs } = routeNews(event(type, { length: 0, ...(via !== undefined && { via }) }), known);
        assert.ok(readInMs !== undefined && readInMs <= 1_000);
      }
  });

  it("a new route by a known router is no news, so that a full table may churn", () => {
    assert.deepEqual(routeNews(event("newRoute", { via: "192.0.2.1" }), known), nothing);
  });

  it("a new router is learnt from the event itself", () => {
    const learn = [{ ...hop, gateway: address("192.0.2.9") }];
    assert.deepEqual(routeNews(event("newRoute", { via: "192.0.2.9" }), known), { learn, readInMs: undefined });
  });

  it("the end of a route by a router has all routes read seldom", () => {
    const { learn, readInMs = 0 } = routeNews(event("delRoute", { via: "192.0.2.1" }), known);
    assert.deepEqual(learn, []);
    assert.ok(readInMs >= 30_000);
  });

  it("a route without a router, such as a Pod's, is no news", () => {
    for (const type of ["newRoute", "delRoute"] as const) assert.deepEqual(routeNews(event(type), known), nothing);
  });
});
