import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  attribute,
  type Case,
  discarded,
  fate,
  good,
  hexOfNumber,
  igp,
  ipv6Hop,
  ipv6Prefix,
  localPref,
  mandatory,
  mpReach,
  nextHop,
  nlri,
  path,
  test,
  withdrawn,
} from "./updates.ts";

describe("attributes that make announced prefixes count as withdrawn", () => {
  const rest: Readonly<Record<number, string>> = {
    1: `${path} ${nextHop}`,
    2: `${igp} ${nextHop}`,
    3: `${igp} ${path}`,
  };
  const wrong = (name: string, type: number, flags: string, values: readonly string[]): readonly Case[] =>
    values.map((value) => ({
      name: `${name}: ${value === "" ? "empty" : value.slice(0, 40)}`,
      parts: { attributes: `${rest[type] ?? mandatory} ${attribute(flags, type, value)}`, nlri },
      want: withdrawn,
    }));
  const internal = (cases: readonly Case[]): readonly Case[] =>
    cases.map(({ parts, ...each }) => ({
      ...each,
      name: `${each.name}, over iBGP`,
      parts: {
        ...parts,
        attributes: each.name.includes("LOCAL_PREF") ? (parts.attributes ?? "") : `${parts.attributes} ${localPref}`,
      },
      session: { internal: true },
    }));
  const anywhere: readonly Case[] = [
    ...wrong("B5.36: ORIGIN", 1, "40", ["", "0000", "03", "ff"]),
    ...wrong("B5.34: AS_PATH, a segment of nothing", 2, "40", ["0200", "02"]),
    ...wrong("B5.34: AS_PATH, a segment that overruns", 2, "40", ["0202 0000fc00", "02ff", "0201 0000fc"]),
    ...wrong("B5.34: AS_PATH, a segment of type 0 or 5", 2, "40", ["0001 0000fc00", "0501 0000fc00"]),
    ...wrong("AS_PATH, a byte too many", 2, "40", ["0201 0000fc00 02"]),
    ...wrong("AS_PATH, AS 0 (RFC 7607)", 2, "40", ["0201 00000000", "0202 0000fc00 00000000", "0101 00000000"]),
    ...wrong("B5.32: NEXT_HOP", 3, "40", ["", "0a", "0a09", "0a0900", "0a09000100", ipv6Hop]),
    ...wrong("MULTI_EXIT_DISC", 4, "80", ["", "000001", "0000000001"]),
    ...wrong("B5.42: COMMUNITIES", 8, "c0", ["", "fc00006400"]),
    ...wrong("EXTENDED COMMUNITIES", 16, "c0", ["", "0002fc00000000"]),
    ...wrong("B5.45: IPv6 EXTENDED COMMUNITIES", 25, "c0", ["", "00".repeat(19), "00".repeat(21)]),
    ...wrong("B5.42: LARGE_COMMUNITY", 32, "c0", ["", "00".repeat(13)]),
    ...wrong("B5.41: ONLY_TO_CUSTOMER", 35, "c0", ["0000fc", "0000fc0000"]),
    ...wrong("ATTR_SET", 128, "c0", ["", "0000fc"]),
  ];
  const cases: readonly Case[] = [
    ...anywhere,
    ...internal(anywhere),
    ...internal(wrong("LOCAL_PREF", 5, "40", ["", "000064", "0000000064"])),
    ...internal(wrong("ORIGINATOR_ID", 9, "80", ["", "0a09000100"])),
    ...internal(wrong("CLUSTER_LIST", 10, "80", ["", "0a090001ff"])),
    { name: "B5.28: ORIGIN is missing", parts: { attributes: `${path} ${nextHop}`, nlri }, want: withdrawn },
    { name: "B5.28: AS_PATH is missing", parts: { attributes: `${igp} ${nextHop}`, nlri }, want: withdrawn },
    { name: "B5.28: NEXT_HOP is missing", parts: { attributes: `${igp} ${path}`, nlri }, want: withdrawn },
    {
      name: "B5.28: NEXT_HOP is missing beside MP_REACH_NLRI",
      parts: { attributes: `${mpReach} ${igp} ${path}`, nlri },
      want: "+0,0 -2,1 treat-as-withdraw",
    },
    {
      name: "B5.28: nothing but an unknown transitive one",
      parts: { attributes: attribute("c0", 200, "00"), nlri },
      want: withdrawn,
    },
    {
      name: "LOCAL_PREF is missing over iBGP",
      parts: { attributes: mandatory, nlri },
      want: withdrawn,
      session: { internal: true },
    },
    {
      name: "B5.30: MP_UNREACH_NLRI and prefixes without attributes",
      parts: { attributes: attribute("80", 15, `000201 ${ipv6Prefix}`), nlri },
      want: "+0,0 -2,1 treat-as-withdraw",
    },
    {
      name: "B5.28: MP_REACH_NLRI alone",
      parts: { attributes: mpReach },
      want: "+0,0 -0,1 treat-as-withdraw",
    },
    {
      name: "B5.26: the last attribute overruns",
      parts: { attributes: `${mandatory} c0 08 08 fc000064`, nlri },
      want: withdrawn,
    },
    { name: "B5.26: one byte is left", parts: { attributes: `${mandatory} c0`, nlri }, want: withdrawn },
    { name: "B5.26: two bytes are left", parts: { attributes: `${mandatory} c008`, nlri }, want: withdrawn },
    { name: "B5.27: a long length of one byte", parts: { attributes: `${mandatory} d0 08 00`, nlri }, want: withdrawn },
    { name: "B5.27: a long length of 0", parts: { attributes: `${mandatory} d0 08 0000`, nlri }, want: withdrawn },
    {
      name: "B5.33: AS4_PATH of length 1 where AS_PATH should be",
      parts: { attributes: `${igp} ${attribute("c0", 17, "02")} ${nextHop}`, nlri },
      want: "+0,0 -2,0 attribute-discard treat-as-withdraw",
      session: { fourOctetAs: false },
    },
    {
      name: "B5.35: an unknown one that everybody should know",
      parts: { attributes: `${mandatory} ${attribute("40", 200, "00")}`, nlri },
      want: withdrawn,
    },
    ...[
      ["B5.36: ORIGIN without the transitive bit", `${attribute("00", 1, "00")} ${path} ${nextHop}`],
      ["ORIGIN as an optional one", `${attribute("c0", 1, "00")} ${path} ${nextHop}`],
      ["COMMUNITIES as a well-known one", `${mandatory} ${attribute("40", 8, "fc000064")}`],
      ["MULTI_EXIT_DISC as a transitive one", `${mandatory} ${attribute("c0", 4, "00000001")}`],
    ].map(([name = "", attributes = ""]) => ({ name, parts: { attributes, nlri }, want: withdrawn })),
    {
      name: "B5.37: lengths that shift all that follows",
      parts: { attributes: `40 01 02 00 ${path} ${nextHop}`, nlri },
      want: "+0,0 -2,0 treat-as-withdraw attribute-discard",
    },
  ];
  cases.forEach(test);

  it("without anything to announce there is nothing to withdraw, and the session stays", () => {
    assert.equal(fate({ attributes: `${mandatory} c0` }), "+0,0 -0,0 treat-as-withdraw");
  });
});

describe("attributes that are only discarded", () => {
  const cases: readonly Case[] = [
    ["ATOMIC_AGGREGATE with a value", attribute("40", 6, "00")],
    ["AGGREGATOR of a peer with two-octet AS numbers", attribute("c0", 7, "fc000a090001")],
    ["an empty AGGREGATOR", attribute("c0", 7, "")],
    ["AGGREGATOR of AS 0 (RFC 7607)", attribute("c0", 7, "000000000a090001")],
    ["LOCAL_PREF from another system, of any length", attribute("40", 5, "00")],
    ["ORIGINATOR_ID from another system", attribute("80", 9, "0a090001")],
    ["CLUSTER_LIST from another system", attribute("80", 10, "")],
    ["AS4_PATH from a peer with four-octet AS numbers", attribute("c0", 17, "02010000fc00")],
    ["AS4_AGGREGATOR from a peer with four-octet AS numbers (RFC 6793, 4.1)", attribute("c0", 18, "0000fc000a090001")],
    ["AIGP as a transitive one (RFC 7311, 3.2)", attribute("c0", 26, "01000b0000000000000001")],
    ["B5.40: an empty AIGP", attribute("80", 26, "")],
    ["B5.40: AIGP of length 0", attribute("80", 26, "010000")],
    ["B5.40: AIGP with a metric of 7 bytes", attribute("80", 26, "01000a00000000000001")],
    ["B5.40: AIGP that overruns", attribute("80", 26, "01000b00")],
    ["B5.40: AIGP without a length", attribute("80", 26, "01")],
    ["B5.47: ORIGIN twice", attribute("40", 1, "ff")],
    ["B5.47: NEXT_HOP twice, the second wrong", attribute("40", 3, "00")],
  ].map(([name = "", attributes = ""]) => ({
    name,
    parts: { attributes: `${mandatory} ${attributes}`, nlri },
    want: discarded,
  }));
  cases.forEach(test);

  const ofTwoOctets: readonly (readonly [name: string, type: number, value: string])[] = [
    ...["", "02", "0200", "0201 fa56ea", "0501 fa56ea02", "0201 00000000"].map(
      (value) => [`B5.33: AS4_PATH "${value}"`, 17, value] as const,
    ),
    ["AS4_AGGREGATOR of 6 bytes", 18, "fc000a090001"],
    ["AS4_AGGREGATOR of AS 0", 18, "000000000a090001"],
    ["AGGREGATOR of 8 bytes", 7, "0000fc000a090001"],
    ["AGGREGATOR of AS 0", 7, "00000a090001"],
  ];
  for (const [name, type, value] of ofTwoOctets)
    it(`${name}, from a peer with two-octet AS numbers`, () => {
      const twoOctets = `${igp} ${attribute("40", 2, "0201 5ba0")} ${nextHop}`;
      const parts = { attributes: `${twoOctets} ${attribute("c0", type, value)}`, nlri };
      assert.equal(fate(parts, { fourOctetAs: false }), discarded);
    });
});

describe("what is not looked at", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["B5.38: tunnel encapsulation with a sub-TLV that overruns", attribute("c0", 23, "0008 0004 02ff 0000")],
    ["B5.39: Prefix-SID with a sub-TLV of length 0", attribute("c0", 40, "05 0000 05 0000 0100")],
    ["B5.41: an unknown optional one of 1024 bytes", `d0 c8 0400 ${"00".repeat(1024)}`],
    ["B5.46: reserved bits of the flags", attribute("cf", 8, "fc000064")],
    ["the partial bit", attribute("e0", 8, "fc000064")],
    [
      "B5.45: an IPv4-mapped address in an IPv6 extended community",
      attribute("c0", 25, `0002${"00".repeat(10)}ffff0a0900010000`),
    ],
    ["an optional one of type 0", attribute("80", 0, "")],
    ["an optional one of type 255", attribute("80", 255, "00")],
  ];
  for (const [name, attributes] of cases)
    it(name, () => assert.equal(fate({ attributes: `${mandatory} ${attributes}`, nlri }), good));

  it("B5.34: an AS_PATH of 255 segments", () => {
    const long = "02010000fc00".repeat(255);
    const parts = { attributes: `${igp} 50 02 ${hexOfNumber(long.length / 2, 2)} ${long} ${nextHop}`, nlri };
    assert.equal(fate(parts), good);
  });

  it("B5.34: an empty AS_PATH", () => {
    assert.equal(fate({ attributes: `${igp} ${attribute("40", 2, "")} ${nextHop}`, nlri }), good);
  });
});
