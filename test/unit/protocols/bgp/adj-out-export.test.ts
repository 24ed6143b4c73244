import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Family } from "../../../../src/net/address.ts";
import {
  type Endpoints,
  exporter,
  type RouteAttributes,
  sameAttributes,
  silentFamilies,
} from "../../../../src/protocols/bgp/adj-out-export.ts";
import type { Negotiated } from "../../../../src/protocols/bgp/message.ts";
import { address, endpoints, plain, settings } from "./session-rig.ts";

const negotiated: Negotiated = {
  internal: false,
  families: [4, 6],
  routeRefresh: true,
  fourOctetAs: true,
  extendedMessage: false,
  extendedNextHop: false,
};
const v4 = { address: address("192.0.2.1") };
const v6 = { address: address("2001:db8::1"), linkLocal: address("fe80::1") };
const alone = { address: address("fe80::1") };

describe("The attributes of a route", () => {
  const route: RouteAttributes = {
    prepend: 2,
    communities: [7],
    largeCommunities: [[1, 2, 3]],
    med: 9,
    localPref: 300,
  };

  it("have the own AS number as often as is asked for, and no LOCAL_PREF, over eBGP", () => {
    assert.deepEqual(exporter(settings(), negotiated, endpoints)(4, route), {
      origin: "igp",
      asPath: [64_512, 64_512, 64_512],
      nextHop: v4,
      med: 9,
      communities: [7],
      largeCommunities: [[1, 2, 3]],
    });
  });

  it("have an empty path and a LOCAL_PREF over iBGP", () => {
    const path = exporter(settings({ peerAsn: 64_512 }), negotiated, endpoints)(4, route);
    assert.ok("asPath" in path);
    assert.deepEqual([path.asPath, path.localPref, path.med], [[], 300, 9]);
  });

  it("have the LOCAL_PREF 100 over iBGP if none is asked for", () => {
    const path = exporter(settings({ peerAsn: 64_512 }), negotiated, endpoints)(4, plain);
    assert.ok("asPath" in path);
    assert.equal(path.localPref, 100);
  });

  it("are the same object for the same object, and another for each family", () => {
    const exports = exporter(settings(), negotiated, endpoints);
    assert.equal(exports(4, plain), exports(4, plain));
    assert.notEqual(exports(4, plain), exports(6, plain));
  });
});

describe("The next hop", () => {
  const cases: readonly {
    name: string;
    family: Family;
    ends: Endpoints;
    agreed?: Partial<Negotiated>;
    want: object;
  }[] = [
    { name: "of IPv4 over IPv4 is this node's IPv4 address", family: 4, ends: endpoints, want: v4 },
    { name: "of IPv6 over IPv4 is global and link-local", family: 6, ends: endpoints, want: v6 },
    {
      name: "of IPv4 over IPv4 stays IPv4 if the peer could take the other",
      family: 4,
      ends: endpoints,
      agreed: { extendedNextHop: true },
      want: v4,
    },
    { name: "of IPv6 over IPv6 is global and link-local", family: 6, ends: { ...endpoints, transport: 6 }, want: v6 },
    {
      name: "of IPv4 over IPv6 is IPv6 if that was negotiated (RFC 8950)",
      family: 4,
      ends: { ...endpoints, transport: 6 },
      agreed: { extendedNextHop: true },
      want: v6,
    },
    { name: "of IPv4 over IPv6 is IPv4 if it was not", family: 4, ends: { ...endpoints, transport: 6 }, want: v4 },
    {
      name: "may be a link-local address alone, as over an unnumbered link",
      family: 4,
      ends: { transport: 6, nextHops: { 6: alone } },
      agreed: { extendedNextHop: true },
      want: alone,
    },
    {
      name: "is missing for IPv4 over IPv6 of a node without IPv4",
      family: 4,
      ends: { transport: 6, nextHops: { 6: v6 } },
      want: { absent: "this node has no IPv4 address towards the peer" },
    },
    {
      name: "is missing for IPv6 of a node without IPv6",
      family: 6,
      ends: { transport: 4, nextHops: { 4: v4 } },
      want: { absent: "this node has no IPv6 address towards the peer" },
    },
    {
      name: "is not asked for if the peer does not take the family",
      family: 6,
      ends: endpoints,
      agreed: { families: [4] },
      want: { absent: "the peer does not take IPv6 routes" },
    },
  ];
  for (const { name, family, ends, agreed, want } of cases)
    it(name, () => {
      const path = exporter(settings(), { ...negotiated, ...agreed }, ends)(family, plain);
      assert.deepEqual("nextHop" in path ? path.nextHop : path, want);
    });

  it("is not all that a route needs: one whose attributes fit into no message is not sent", () => {
    const communities = Array.from({ length: 1_100 }, (_, number) => number);
    const path = exporter(settings(), negotiated, endpoints)(4, { ...plain, communities });
    assert.deepEqual(path, { absent: "the attributes do not fit into a message of 4096 bytes" });
  });

  for (const prepend of [-1, 0.5, 255, 2 ** 32, Number.NaN])
    it(`is not all that a route needs: the own AS number cannot be prepended ${prepend} times`, () => {
      const path = exporter(settings(), negotiated, endpoints)(4, { ...plain, prepend });
      assert.deepEqual(path, { absent: `the AS number cannot be prepended ${prepend} times` });
    });

  it("is enough for a path of one whole segment", () => {
    const path = exporter(settings(), negotiated, endpoints)(4, { ...plain, prepend: 254 });
    assert.ok("asPath" in path && path.asPath.length === 255);
  });
});

describe("Two routes' attributes", () => {
  const full: RouteAttributes = {
    prepend: 1,
    communities: [1, 2],
    largeCommunities: [[1, 2, 3]],
    med: 1,
    localPref: 1,
  };
  const cases: readonly [string, Partial<RouteAttributes>, boolean][] = [
    ["equal", {}, true],
    ["prepended", { prepend: 2 }, false],
    ["another MED", { med: 2 }, false],
    ["another LOCAL_PREF", { localPref: 2 }, false],
    ["another community", { communities: [1, 3] }, false],
    ["one community less", { communities: [1] }, false],
    ["another large community", { largeCommunities: [[1, 2, 4]] }, false],
  ];
  for (const [name, values, want] of cases)
    it(`are ${want ? "the same" : "not the same"}: ${name}`, () =>
      assert.equal(sameAttributes(full, { ...full, ...values }), want));
});

it("a family that the peer does not take, or of which there is no next hop, is silent, with the reason of each of its routes", () => {
  const ends = { transport: 4, nextHops: { 4: v4 } } as const;
  const noAddress = "this node has no IPv6 address towards the peer";
  assert.deepEqual(silentFamilies(negotiated, ends), [{ family: 6, reason: noAddress }]);
  assert.deepEqual(silentFamilies({ ...negotiated, families: [6] }, { ...ends, nextHops: { 4: v4, 6: v6 } }), [
    { family: 4, reason: "the peer does not take IPv4 routes" },
  ]);
  assert.deepEqual(silentFamilies(negotiated, { ...ends, nextHops: { 4: v4, 6: v6 } }), []);
});
