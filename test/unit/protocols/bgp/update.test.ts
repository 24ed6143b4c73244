import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BgpMessageError } from "../../../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import type { UpdateFault } from "../../../../src/protocols/bgp/message.ts";
import { bytesOf, hexOf, messageOf, negotiation } from "./messages.ts";
import {
  attribute,
  type Case,
  decoded,
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
  type Parts,
  path,
  sized,
  summary,
  test,
  updateOf,
  withdrawn,
} from "./updates.ts";

describe("UPDATEs without faults", () => {
  const cases: readonly Case[] = [
    { name: "IPv4 prefixes", parts: { attributes: mandatory, nlri }, want: good },
    { name: "withdrawn IPv4 prefixes", parts: { withdrawn: nlri }, want: "+0,0 -2,0" },
    {
      name: "IPv4 withdrawn and announced, IPv6 announced",
      parts: { withdrawn: "00", attributes: `${mpReach} ${mandatory}`, nlri },
      want: "+2,1 -1,0",
    },
    { name: "IPv6 withdrawn", parts: { attributes: attribute("80", 15, `000201 ${ipv6Prefix}`) }, want: "+0,0 -0,1" },
    {
      name: "IPv4 by an IPv6 next hop",
      parts: { attributes: `${attribute("80", 14, `000101 10 ${ipv6Hop} 00 ${nlri}`)} ${igp} ${path}` },
      want: good,
    },
    {
      name: "IPv4 by an IPv4 next hop within the attribute",
      parts: { attributes: `${attribute("80", 14, `000101 04 0a090001 00 ${nlri}`)} ${igp} ${path}` },
      want: good,
    },
    {
      name: "IPv6 by a global and a link-local next hop",
      parts: { attributes: `${attribute("80", 14, `000201 20 ${ipv6Hop}${ipv6Hop} 00 ${ipv6Prefix}`)} ${igp} ${path}` },
      want: "+0,1 -0,0",
    },
    { name: "attributes and nothing to announce", parts: { attributes: mandatory }, want: "+0,0 -0,0" },
    {
      name: "an empty list in MP_REACH_NLRI, without other attributes",
      parts: { attributes: attribute("80", 14, `000201 10 ${ipv6Hop} 00`) },
      want: "+0,0 -0,0",
    },
    {
      name: "over iBGP",
      parts: { attributes: `${mandatory} ${localPref}`, nlri },
      want: good,
      session: { internal: true },
    },
    { name: "End-of-RIB of IPv4", parts: {}, want: "+0,0 -0,0 end of 4" },
    { name: "End-of-RIB of IPv6", parts: { attributes: attribute("80", 15, "000201") }, want: "+0,0 -0,0 end of 6" },
    {
      name: "End-of-RIB of IPv4 in the form of others",
      parts: { attributes: attribute("80", 15, "000101") },
      want: "+0,0 -0,0 end of 4",
    },
    { name: "End-of-RIB of VPN routes", parts: { attributes: attribute("80", 15, "000180") }, want: "+0,0 -0,0" },
    {
      name: "every attribute that is known, as it should be",
      parts: {
        attributes: `${mandatory} ${attribute("80", 4, "00000001")} ${localPref} ${attribute("40", 6, "")}
          ${attribute("c0", 7, "0000fc000a090001")} ${attribute("c0", 8, "fc000064")} ${attribute("80", 9, "0a090001")}
          ${attribute("80", 10, "0a0900010a090002")} ${attribute("c0", 16, "0002fc0000000064")}
          ${attribute("c0", 25, "00".repeat(20))}
          ${attribute("80", 26, "01000b0000000000000001 020003")} ${attribute("c0", 32, "0000fc000000000100000002")}
          ${attribute("c0", 35, "0000fc00")} ${attribute("c0", 128, "0000fc00")} ${attribute("c0", 200, "")}`,
        nlri,
      },
      want: good,
      session: { internal: true },
    },
    {
      name: "all four kinds of segments",
      parts: {
        attributes: `${igp} ${attribute("40", 2, "01010000fc00 0201000000010301000000020401 00000003")} ${nextHop}`,
        nlri,
      },
      want: good,
    },
    {
      name: "two-octet AS numbers, AS4_PATH, AGGREGATOR and AS4_AGGREGATOR",
      parts: {
        attributes: `${igp} ${attribute("40", 2, "0201 5ba0")} ${nextHop} ${attribute("c0", 7, "5ba00a090001")}
          ${attribute("c0", 17, "0201 fa56ea02")} ${attribute("c0", 18, "fa56ea020a090001")}`,
        nlri,
      },
      want: good,
      session: { fourOctetAs: false },
    },
    {
      name: "the default routes",
      parts: { withdrawn: "00", attributes: attribute("80", 15, "000201 00") },
      want: "+0,0 -1,1",
    },
  ];
  cases.forEach(test);
});

describe("what ends the session: lists of prefixes that cannot be found", () => {
  const raw = (hex: string): Uint8Array => messageOf("update", hex);
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["B5.24: more withdrawn than there is", raw("0001 0000"), "reset 3/1"],
    ["B5.24: withdrawn to the end of the message", raw("0002 0000"), "reset 3/1"],
    ["B5.24: 65535 bytes withdrawn", raw("ffff 0000 18c00002"), "reset 3/1"],
    ["B5.25: more attributes than there are", raw("0000 0001"), "reset 3/1"],
    ["B5.25: 65535 bytes of attributes", raw(`0000 ffff ${mandatory}`), "reset 3/1"],
    ["MP_REACH_NLRI twice", updateOf({ attributes: `${mpReach} ${mpReach}` }), "reset 3/1"],
    [
      "MP_UNREACH_NLRI twice",
      updateOf({ attributes: `${attribute("80", 15, "000201")} ${attribute("80", 15, "000201")}` }),
      "reset 3/1",
    ],
    [
      "B5.31: MP_REACH_NLRI that overruns the attributes",
      updateOf({ attributes: "80 0e 20 000201 10" }),
      "reset 3/5 800e2000020110",
    ],
    ["B5.26: MP_UNREACH_NLRI without a length", updateOf({ attributes: "80 0f" }), "reset 3/5 800f"],
    ["B5.31: MP_REACH_NLRI without a family", updateOf({ attributes: attribute("80", 14, "") }), "reset 3/9"],
    ["MP_UNREACH_NLRI with half a family", updateOf({ attributes: attribute("80", 15, "0002") }), "reset 3/9 0002"],
  ];
  for (const [name, bytes, want] of cases) it(name, () => assert.equal(fate(bytes), want));
});

describe("prefixes of a family that cannot be told apart", () => {
  const disabled4 = "+0,0 -0,0 afi-safi-disable 4";
  const disabled6 = "+0,0 -0,0 afi-safi-disable 6";
  const reach = (value: string): Parts => ({ attributes: `${attribute("80", 14, value)} ${igp} ${path}` });
  const unreach = (value: string): Parts => ({ attributes: attribute("80", 15, value) });
  const cases: readonly Case[] = [
    ...[33, 129, 255].map((length) => ({
      name: `B5.44: IPv4 prefix length ${length}`,
      parts: { attributes: mandatory, nlri: `18c00002 ${hexOfNumber(length, 1)} ${"00".repeat(32)}` },
      want: disabled4,
    })),
    ...[129, 255].map((length) => ({
      name: `B5.44: IPv6 prefix length ${length}`,
      parts: unreach(`000201 ${hexOfNumber(length, 1)} ${"00".repeat(32)}`),
      want: disabled6,
    })),
    { name: "withdrawn IPv4 prefix length 33", parts: { withdrawn: "21 0000000000" }, want: disabled4 },
    {
      name: "an IPv4 prefix that overruns the message",
      parts: { attributes: mandatory, nlri: "20 0a0000" },
      want: disabled4,
    },
    { name: "an IPv6 prefix that overruns the attribute", parts: unreach("000201 80 fd00"), want: disabled6 },
    ...[0, 9, 15, 17, 31, 33, 64].map((length) => ({
      name: `B5.31: IPv6 next hop of ${length} bytes`,
      parts: reach(`000201 ${hexOfNumber(length, 1)} ${"fd".repeat(length)} 00 ${ipv6Prefix}`),
      want: disabled6,
    })),
    { name: "an IPv6 route by an IPv4 next hop", parts: reach(`000201 04 0a090001 00 ${ipv6Prefix}`), want: disabled6 },
    {
      name: "B5.31: a next hop that overruns the attribute",
      parts: reach(`000201 10 ${ipv6Hop.slice(2)}`),
      want: disabled6,
    },
    { name: "B5.31: no byte after the next hop", parts: reach(`000201 10 ${ipv6Hop}`), want: disabled6 },
    { name: "B5.31: no length of the next hop", parts: reach("000201"), want: disabled6 },
    {
      name: "one family alone",
      parts: { withdrawn: "00", attributes: `${attribute("80", 14, "000201 00 00")} ${mandatory}`, nlri },
      want: "+2,0 -1,0 afi-safi-disable 6",
    },
    {
      name: "both families",
      parts: { attributes: `${attribute("80", 14, "000201 00 00")} ${mandatory}`, nlri: "21" },
      want: "+0,0 -0,0 afi-safi-disable 4 afi-safi-disable 6",
    },
    {
      name: "MP_REACH_NLRI with flags of a transitive one (RFC 7606, 5.3)",
      parts: { attributes: `${mpReach.replace("80", "c0")} ${mandatory}`, nlri },
      want: "+2,0 -0,0 afi-safi-disable 6",
    },
    {
      name: "MP_UNREACH_NLRI with flags of a well-known one",
      parts: { attributes: attribute("40", 15, `000201 ${ipv6Prefix}`) },
      want: disabled6,
    },
    {
      name: "another family, whatever its flags",
      parts: { attributes: attribute("40", 15, "000185 00") },
      want: "+0,0 -0,0",
    },
    { name: "B5.43: flow specification of length 0", parts: unreach("000185 00"), want: "+0,0 -0,0" },
    { name: "B5.43: labelled prefixes beyond the end", parts: reach(`000104 04 0a090001 00 ff`), want: "+0,0 -0,0" },
    { name: "an unknown family", parts: reach("ffffff"), want: "+0,0 -0,0" },
  ];
  cases.forEach(test);
});

describe("B5.29: End-of-RIB with more than that", () => {
  const end = attribute("80", 15, "000201");
  const cases: readonly Case[] = [
    { name: "ORIGIN before it", parts: { attributes: `${igp} ${end}` }, want: "+0,0 -0,0" },
    {
      name: "an unknown one after it",
      parts: { attributes: `${end} ${attribute("c0", 200, "00")}` },
      want: "+0,0 -0,0",
    },
    { name: "a piece of one after it", parts: { attributes: `${end} c0` }, want: "+0,0 -0,0 treat-as-withdraw" },
    { name: "withdrawn IPv4 prefixes", parts: { attributes: end, withdrawn: nlri }, want: "+0,0 -2,0" },
    { name: "announced IPv4 prefixes", parts: { attributes: end, nlri }, want: withdrawn },
  ];
  cases.forEach(test);
});

describe("however bad an UPDATE is, what is found of it is little", () => {
  it("B5.48: 4,096 bytes of attributes of one byte", () => {
    const update = decoded({ attributes: "000100".repeat(1357) });
    assert.equal(summary(update), "+0,0 -0,0 treat-as-withdraw attribute-discard");
  });

  it("the first fault of each approach is kept, in words that name the attribute", () => {
    const attributes = `${attribute("40", 1, "07")} ${attribute("40", 2, "0900")} ${nextHop} ${attribute("40", 6, "00")} ${attribute("40", 1, "00")}`;
    const faults: readonly UpdateFault[] = [
      { approach: "treat-as-withdraw", message: "ORIGIN: value 7" },
      { approach: "attribute-discard", message: "ATOMIC_AGGREGATE: 1 bytes" },
    ];
    assert.deepEqual(decoded({ attributes, nlri }).faults, faults);
  });

  it("65,000 default routes are counted", () => {
    const body = new Uint8Array(4 + bytesOf(mandatory).length + 65_000);
    body.set(bytesOf(sized(mandatory)), 2);
    assert.equal(summary(decoded(messageOf("update", hexOf(body)))), "+65000,0 -0,0");
  });

  it("nothing of it changes when the receive buffer is used again", () => {
    const bytes = updateOf({ attributes: "80 0e 20 000201 10" });
    assert.throws(
      () => decodeMessage(bytes, negotiation()),
      (error) => {
        bytes.fill(0);
        return error instanceof BgpMessageError && hexOf(error.notification.data) === "800e2000020110";
      },
    );
  });
});
