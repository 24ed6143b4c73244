import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatPrefix, type Prefix } from "../../../../src/net/prefix.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeEndOfRib, encodeUpdates } from "../../../../src/protocols/bgp/encode-updates.ts";
import type { Negotiated, PathAttributes, Route, RouteChanges } from "../../../../src/protocols/bgp/message.ts";
import { address, prefix } from "../../../support/builders.ts";
import { announced, attributes, captured, hexOf, messageOf, negotiation } from "./messages.ts";
import { readUpdate } from "./update-reader.ts";

const ipv6Hop = { address: address("fd00:9::1") };
const bothHops = { ...ipv6Hop, linkLocal: address("fe80::1") };
const overIpv6 = negotiation({ extendedNextHop: true });

const withdrawn = (...texts: readonly string[]): RouteChanges => ({
  announced: [],
  withdrawn: texts.map((text) => prefix(text)),
});

function prefixes(first: bigint, family: 4 | 6, count: number): readonly Prefix[] {
  const length = family === 4 ? 32 : 128;
  return Array.from({ length: count }, (_, i) => ({ address: { family, value: first + BigInt(i) }, length }));
}

const many4 = (count: number): readonly Prefix[] => prefixes(0x0ac80000n, 4, count);
const many6 = (count: number): readonly Prefix[] => prefixes(0xfd000200n << 96n, 6, count);
const sameFor = (list: readonly Prefix[], path: PathAttributes): RouteChanges => ({
  announced: list.map((each) => ({ prefix: each, attributes: path })),
  withdrawn: [],
});

const formats: readonly { name: string; changes: RouteChanges; session?: Negotiated; hex: string }[] = [
  {
    name: "an IPv4 route with everything",
    changes: announced(
      {
        asPath: [64512, 64512],
        med: 50,
        localPref: 200,
        communities: [0xfc000064],
        largeCommunities: [[64512, 1, 2]],
      },
      "10.200.0.1/32",
      "10.201.0.0/20",
    ),
    hex: `0000 003c
        40 01 01 00                            # ORIGIN IGP
        40 02 0a 0202 0000fc00 0000fc00        # AS_PATH
        40 03 04 0a090001                      # NEXT_HOP
        80 04 04 00000032                      # MULTI_EXIT_DISC
        40 05 04 000000c8                      # LOCAL_PREF
        c0 08 04 fc000064                      # COMMUNITIES
        c0 20 0c 0000fc00 00000001 00000002    # LARGE_COMMUNITY
        20 0ac80001 14 0ac900`,
  },
  {
    name: "an IPv6 route by a global and a link-local next hop, over iBGP",
    changes: announced({ origin: "incomplete", asPath: [], nextHop: bothHops, localPref: 100 }, "fd00:200::1/128"),
    hex: `0000 0048
        90 0e 0036 000201 20 fd000009000000000000000000000001 fe800000000000000000000000000001 00 80 fd000200000000000000000000000001
        40 01 01 02
        40 02 00
        40 05 04 00000064`,
  },
  {
    name: "an IPv4 route by an IPv6 next hop (RFC 8950)",
    changes: announced({ origin: "egp", nextHop: ipv6Hop }, "10.200.0.1/32"),
    session: overIpv6,
    hex: `0000 002b
        90 0e 001a 000101 10 fd000009000000000000000000000001 00 20 0ac80001
        40 01 01 01
        40 02 06 0201 0000fc00`,
  },
  {
    name: "AS_TRANS and AS4_PATH for a peer that knows two octets (RFC 6793)",
    changes: announced({ asPath: [4_200_000_002, 64512], communities: [1] }, "10.0.0.0/8"),
    session: negotiation({ fourOctetAs: false }),
    hex: `0000 0028
        40 01 01 00
        40 02 06 0202 5ba0 fc00
        40 03 04 0a090001
        c0 08 04 00000001
        c0 11 0a 0202 fa56ea02 0000fc00
        08 0a`,
  },
  {
    name: "no AS4_PATH where two octets say all",
    changes: announced({}, "0.0.0.0/0"),
    session: negotiation({ fourOctetAs: false }),
    hex: "0000 0012 40 01 01 00 40 02 04 0201 fc00 40 03 04 0a090001 00",
  },
  {
    name: "withdrawn IPv4 prefixes",
    changes: withdrawn("10.201.0.0/20", "10.200.0.1/32"),
    hex: "0009 14 0ac900 20 0ac80001 0000",
  },
  {
    name: "withdrawn IPv4 prefixes where the next hop may have been of IPv6",
    changes: withdrawn("10.201.0.0/20"),
    session: overIpv6,
    hex: "0000 000b 90 0f 0007 000101 14 0ac900",
  },
  {
    name: "a withdrawn IPv6 prefix",
    changes: withdrawn("fd00:201::/48"),
    hex: "0000 000e 90 0f 000a 000201 30 fd0002010000",
  },
];
describe("the format, byte by byte", () => {
  for (const { name, changes, session = negotiation(), hex } of formats)
    it(name, () => assert.deepEqual(encodeUpdates(changes, session).map(hexOf), [hexOf(messageOf("update", hex))]));

  it("withdrawals and End-of-RIB are the bytes that BIRD sends", () => {
    const same = (messages: readonly Uint8Array[], name: string): void =>
      assert.deepEqual(messages.map(hexOf), [hexOf(captured(name))]);
    same(encodeUpdates(withdrawn("10.201.0.0/20"), overIpv6), "bird-withdraw-extended-next-hop");
    same(encodeUpdates(withdrawn("10.201.0.0/20"), negotiation()), "bird-withdraw");
    same(encodeUpdates(withdrawn("fd00:201::/48"), negotiation()), "bird-withdraw-ipv6");
    same([encodeEndOfRib(4)], "bird-end-of-rib");
  });

  it("announcements are the bytes that BIRD sends", () => {
    const own = { communities: [0xfc000064, 0xffff0000], largeCommunities: [[64512, 1, 2]] } as const;
    const same = (changes: RouteChanges, name: string): void =>
      assert.deepEqual(encodeUpdates(changes, overIpv6).map(hexOf), [hexOf(captured(name))]);
    same(announced(own, "10.200.0.1/32"), "bird-update");
    same(announced({ asPath: [64512, 64512] }, "10.200.0.2/32"), "bird-update-prepended");
    same(announced({ nextHop: ipv6Hop, largeCommunities: [[64512, 1, 2]] }, "fd00:200::1/128"), "bird-update-ipv6");
    const internal = { ...own, asPath: [], nextHop: ipv6Hop, med: 50, localPref: 100 };
    same(announced(internal, "10.200.0.1/32"), "bird-update-extended-next-hop");
  });

  it("End-of-RIB of each family is read as such", () => {
    for (const family of [4, 6] as const)
      assert.deepEqual(decodeMessage(encodeEndOfRib(family)), {
        kind: "update",
        announced: { 4: 0, 6: 0 },
        withdrawn: { 4: 0, 6: 0 },
        endOfRib: family,
        faults: [],
      });
  });

  it("nothing to say is no message", () =>
    assert.deepEqual(encodeUpdates({ announced: [], withdrawn: [] }, negotiation()), []));

  it("communities are sent sorted, none twice", () => {
    const large: PathAttributes["largeCommunities"] = [
      [2, 1, 1],
      [1, 2, 1],
      [1, 1, 2],
      [1, 1, 1],
      [1, 1, 2],
    ];
    const changes = announced({ communities: [0xffffffff, 5, 5, 1], largeCommunities: large }, "10.0.0.0/8");
    const [message = new Uint8Array()] = encodeUpdates(changes, negotiation());
    const { attributes: path } = readUpdate(message, 4);
    assert.deepEqual(path?.communities, [1, 5, 0xffffffff]);
    assert.deepEqual(path?.largeCommunities, [
      [1, 1, 1],
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
    ]);
  });
});

describe("prefixes of the same attributes share UPDATEs", () => {
  const lengths = (changes: RouteChanges, session = negotiation()): readonly number[] =>
    encodeUpdates(changes, session).map(({ length }) => length);

  const cases: readonly (readonly [string, RouteChanges, Negotiated, readonly number[]])[] = [
    ["as many as fit: 810 of 5 bytes", sameFor(many4(810), attributes()), negotiation(), [23 + 20 + 4050]],
    ["one more makes two", sameFor(many4(811), attributes()), negotiation(), [4093, 23 + 20 + 5]],
    [
      "10,000 in one with extended messages",
      sameFor(many4(10_000), attributes()),
      negotiation({ extendedMessage: true }),
      [50_043],
    ],
    [
      "10,000 IPv4 routes",
      sameFor(many4(10_000), attributes()),
      negotiation(),
      [...Array(12).fill(4093), 23 + 20 + 280 * 5],
    ],
    [
      "1,000 IPv6 routes",
      sameFor(many6(1_000), attributes({ nextHop: ipv6Hop })),
      negotiation(),
      [...Array(4).fill(23 + 4 + 21 + 13 + 237 * 17), 23 + 4 + 21 + 13 + 52 * 17],
    ],
    [
      "1,000 withdrawn IPv4 routes",
      { announced: [], withdrawn: many4(1_000) },
      negotiation(),
      [23 + 814 * 5, 23 + 186 * 5],
    ],
    [
      "1,000 withdrawn IPv6 routes",
      { announced: [], withdrawn: many6(1_000) },
      negotiation(),
      [...Array(4).fill(30 + 239 * 17), 30 + 44 * 17],
    ],
  ];
  for (const [name, changes, session, want] of cases) it(name, () => assert.deepEqual(lengths(changes, session), want));

  it("a message is filled to its last byte", () => {
    const nets = Array.from({ length: 1_018 }, (_, i) => prefix(`10.${i >> 8}.${i & 255}.0/24`));
    assert.deepEqual(lengths({ announced: [], withdrawn: [...nets, prefix("0.0.0.0/0")] }), [4096]);
    assert.deepEqual(lengths({ announced: [], withdrawn: [...nets, prefix("128.0.0.0/1")] }), [4095, 25]);
  });

  it("equal attributes in different objects come together, others do not", () => {
    const routes: readonly Route[] = [
      { prefix: prefix("10.0.0.1/32"), attributes: attributes({ med: 1 }) },
      { prefix: prefix("10.0.0.2/32"), attributes: attributes({ med: 2 }) },
      { prefix: prefix("10.0.0.3/32"), attributes: attributes({ med: 1 }) },
      { prefix: prefix("fd00::1/128"), attributes: attributes({ med: 1, nextHop: ipv6Hop }) },
      { prefix: prefix("fd00::2/128"), attributes: attributes({ med: 1, nextHop: bothHops }) },
    ];
    const messages = encodeUpdates({ announced: routes, withdrawn: [] }, negotiation());
    const texts = messages.map((message) => readUpdate(message, 4).announced.map(formatPrefix).join(" "));
    assert.deepEqual(texts, ["10.0.0.1/32 10.0.0.3/32", "10.0.0.2/32", "fd00::1/128", "fd00::2/128"]);
  });

  it("withdrawals come first, IPv4 before IPv6", () => {
    const changes = {
      announced: announced({}, "10.0.0.1/32").announced,
      withdrawn: withdrawn("fd00::1/128", "10.0.0.2/32").withdrawn,
    };
    const read = encodeUpdates(changes, negotiation()).map((message) => readUpdate(message, 4));
    const texts = read.map((update) =>
      [
        ...update.withdrawn.map((p) => `-${formatPrefix(p)}`),
        ...update.announced.map((p) => `+${formatPrefix(p)}`),
      ].join(),
    );
    assert.deepEqual(texts, ["-10.0.0.2/32", "-fd00::1/128", "+10.0.0.1/32"]);
  });
});
