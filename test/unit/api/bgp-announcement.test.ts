import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcementObject, parseAnnouncement } from "../../../src/api/announcement.ts";
import { overriddenAnnouncement } from "../../../src/api/announcement-override.ts";
import { defaultBgp, isAggregated } from "../../../src/api/bgp-announcement.ts";
import { formatCommunity, gracefulShutdown, parseCommunity, parseLargeCommunity } from "../../../src/api/community.ts";
import { type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";

type Spec = PoolObject["spec"];
type Given = NonNullable<Spec["announcement"]>;

function parse(object: Given | undefined): ReturnType<typeof parseAnnouncement>["announcement"] {
  const { announcement, problems } = parseAnnouncement(object, "spec.announcement");
  assert.deepEqual(problems, []);
  return announcement;
}

const arp = { interfaces: [], mode: "Responder", conflictCheck: "On" } as const;

describe("how a pool is announced", () => {
  it("is by ARP and NDP, unless BGP alone is given", () => {
    assert.deepEqual(parse(undefined), { arp });
    assert.deepEqual(parse({}), { arp });
    assert.deepEqual(parse({ nodeSelector: {} }), { nodeSelector: {}, arp });
    assert.deepEqual(parse({ bgp: {} }), { bgp: defaultBgp });
    assert.deepEqual(parse({ arp: {}, bgp: {} }), { arp, bgp: defaultBgp });
  });

  const whole: Given = {
    nodeSelector: { matchLabels: { edge: "" } },
    arp: { interfaces: ["eth0"], mode: "Address", conflictCheck: "Off" },
    bgp: {
      nodes: { count: 2 },
      peerSelector: { matchLabels: { uplink: "a" } },
      communities: ["64512:100", "no-export"],
      largeCommunities: ["64512:1:2"],
      localPreference: 200,
      med: 0,
      prepend: 2,
      aggregate: { ipv4: 24, ipv6: 128 },
      addressOnLo: true,
    },
  };

  it("is read in every field, and written as it was", () => {
    assert.deepEqual(parse(whole).bgp, {
      nodes: { count: 2 },
      peerSelector: { matchLabels: { uplink: "a" } },
      communities: [64_512 * 65_536 + 100, 0xffff_ff01],
      largeCommunities: [[64_512, 1, 2]],
      localPreference: 200,
      med: 0,
      prepend: 2,
      aggregate: { ipv4: 24, ipv6: 128 },
      addressOnLo: true,
    });
    assert.deepEqual(announcementObject(parse(whole)), whole);
    for (const given of [undefined, {}, { bgp: {} }, { arp: {}, bgp: {} }])
      assert.deepEqual(parse(announcementObject(parse(given))), parse(given));
  });

  it("has every problem told at once, each with its path", () => {
    const { problems } = parseAnnouncement(
      {
        arp: { interfaces: ["/[/"] },
        bgp: {
          nodes: { count: 0 },
          communities: ["1:2", "65536:0", "1:2:3"],
          largeCommunities: ["1:2"],
          med: 2 ** 32,
          aggregate: { ipv4: 7, ipv6: 129 },
        },
      },
      "a",
    );
    assert.deepEqual(
      problems.map(({ path }) => path),
      [
        "a.arp.interfaces[0]",
        "a.bgp.communities[1]",
        "a.bgp.communities[2]",
        "a.bgp.largeCommunities[0]",
        "a.bgp.nodes.count",
        "a.bgp.med",
        "a.bgp.aggregate.ipv4",
        "a.bgp.aggregate.ipv6",
      ],
    );
  });
});

describe("a community", () => {
  const right: readonly (readonly [text: string, value: number])[] = [
    ["0:0", 0],
    ["64512:100", 0xfc00_0064],
    ["65535:65535", 0xffff_ffff],
    ["no-export", 0xffff_ff01],
    ["no-advertise", 0xffff_ff02],
    ["no-export-subconfed", 0xffff_ff03],
    ["no-peer", 0xffff_ff04],
    ["blackhole", 0xffff_029a],
  ];
  for (const [text, value] of right)
    it(`${text} is ${value.toString(16)}`, () => {
      assert.equal(parseCommunity(text), value);
      assert.equal(parseCommunity(formatCommunity(value)), value);
    });
  for (const text of [
    "",
    "1",
    "1:",
    ":1",
    "65536:1",
    "1:65536",
    "01:1",
    "1:2:3",
    "1.5:1",
    "-1:1",
    "No-Export",
    " 1:1",
    "constructor",
  ])
    it(`"${text}" is none`, () => assert.equal(parseCommunity(text), undefined));

  it("of RFC 8326 is 65535:0", () => assert.equal(formatCommunity(gracefulShutdown), "65535:0"));

  it("of RFC 8092 has three numbers of 32 bits", () => {
    assert.deepEqual(parseLargeCommunity("4294967295:0:1"), [4_294_967_295, 0, 1]);
    for (const text of ["1:2", "1:2:4294967296", "1:2:3:4", "1::3"]) assert.equal(parseLargeCommunity(text), undefined);
  });
});

describe("the aggregate of a pool", () => {
  function remarks(addresses: string[], aggregate: { ipv4?: number; ipv6?: number }): readonly string[] {
    const parsed = parsePool({ metadata: { name: "p" }, spec: { addresses, announcement: { bgp: { aggregate } } } });
    const kind = "value" in parsed ? "odd" : "wrong";
    const list = "value" in parsed ? parsed.warnings : parsed.problems;
    return list.map(
      ({ path, message }) => `${kind} ${path.replace("spec.announcement.bgp.", "")} ${message.slice(0, 30)}`,
    );
  }
  const cases: readonly (readonly [
    what: string,
    addresses: string[],
    length: { ipv4?: number; ipv6?: number },
    want: readonly string[],
  ])[] = [
    ["of the pool's own length is right", ["10.20.0.0/24"], { ipv4: 24 }, []],
    ["of part of the pool is right", ["10.20.0.0/24"], { ipv4: 26 }, []],
    ["that is each address is right", ["10.20.0.7"], { ipv4: 32 }, []],
    [
      "larger than the pool is wrong",
      ["10.20.0.0/28"],
      { ipv4: 26 },
      ["wrong aggregate.ipv4 no whole /26 lies in 10.20.0.0"],
    ],
    [
      "larger than a range is wrong",
      ["10.20.0.2-10.20.0.254"],
      { ipv4: 24 },
      ["wrong aggregate.ipv4 no whole /24 lies in 10.20.0.2"],
    ],
    [
      "beyond the ends of a range is odd",
      ["10.20.0.2-10.20.0.254"],
      { ipv4: 26 },
      ["odd aggregate.ipv4 /26 reaches beyond 10.20.0.2-1"],
    ],
    ["is judged over entries that touch", ["10.20.0.0/25", "10.20.0.128/25"], { ipv4: 24 }, []],
    ["of a family that the pool has not is right", ["10.20.0.0/24"], { ipv6: 64 }, []],
    [
      "of IPv6 is judged too",
      ["2001:db8::/112"],
      { ipv6: 64 },
      ["wrong aggregate.ipv6 no whole /64 lies in 2001:db8:"],
    ],
  ];
  for (const [what, addresses, length, want] of cases)
    it(what, () => assert.deepEqual(remarks(addresses, length), want));

  it("is one where it is shorter than an address", () => {
    assert.equal(isAggregated({ aggregate: { ipv4: 32, ipv6: 64 } }, 4), false);
    assert.equal(isAggregated({ aggregate: { ipv4: 32, ipv6: 64 } }, 6), true);
  });
});

describe("what a Service sets of its pool's announcement", () => {
  const pool = { nodeSelector: { matchLabels: { edge: "" } }, arp } as const;
  const both = new Set(["protocols", "nodes"] as const);
  const routed = { bgp: { ...defaultBgp, med: 7 } };

  const cases: readonly (readonly [
    what: string,
    ...Parameters<typeof overriddenAnnouncement>,
    want: object,
    denied: readonly string[],
  ])[] = [
    ["nothing leaves it as it is", pool, {}, both, pool, []],
    [
      "a protocol that the pool has not comes with its defaults",
      pool,
      { protocols: ["bgp"] },
      both,
      { nodeSelector: pool.nodeSelector, bgp: defaultBgp },
      [],
    ],
    ["both protocols keep what the pool says", routed, { protocols: ["arp", "bgp"] }, both, { ...routed, arp }, []],
    [
      "a number of nodes is for BGP",
      routed,
      { nodes: { count: 3 } },
      both,
      { bgp: { ...routed.bgp, nodes: { count: 3 } } },
      [],
    ],
    ["a number of nodes without BGP changes nothing", pool, { nodes: { count: 3 } }, both, pool, []],
    [
      "both together",
      pool,
      { protocols: ["bgp"], nodes: { count: 1 } },
      both,
      { nodeSelector: pool.nodeSelector, bgp: { ...defaultBgp, nodes: { count: 1 } } },
      [],
    ],
    [
      "what the pool does not permit is denied, the rest holds",
      routed,
      { protocols: ["arp"], nodes: { count: 3 } },
      new Set(["nodes"] as const),
      { bgp: { ...routed.bgp, nodes: { count: 3 } } },
      ["protocols"],
    ],
    [
      "nothing is permitted by a pool that says nothing",
      routed,
      { protocols: ["arp"], nodes: "All" },
      new Set(),
      routed,
      ["protocols", "nodes"],
    ],
  ];
  for (const [what, announcement, overrides, allowed, want, denied] of cases)
    it(what, () =>
      assert.deepEqual(overriddenAnnouncement(announcement, overrides, allowed), { announcement: want, denied }),
    );

  it("is the very same value where nothing is overridden, so that nobody writes it again", () => {
    assert.equal(overriddenAnnouncement(pool, {}, both).announcement, pool);
    assert.equal(overriddenAnnouncement(pool, { nodes: "All" }, new Set()).announcement, pool);
  });

  it("is permitted by the pool's allowOverrides", () => {
    const parsed = parsePool({
      metadata: { name: "p" },
      spec: { addresses: ["192.0.2.1"], allowOverrides: ["nodes"] },
    });
    assert.ok("value" in parsed);
    assert.deepEqual(parsed.value.allowOverrides, new Set(["nodes"]));
  });
});
