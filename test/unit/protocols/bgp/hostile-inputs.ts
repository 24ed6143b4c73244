/** What a broken or hostile peer sends over a session, by number, and what becomes of the session. Other tests name them `B5.n`. */
import { bytesOf, hexOf, messageOf } from "./messages.ts";
import {
  attribute,
  hexOfNumber,
  igp,
  ipv6Hop,
  ipv6Prefix,
  mandatory,
  mpReach,
  nextHop,
  nlri,
  path,
  updateOf,
} from "./updates.ts";

/** `opens`: the OPEN is accepted. `stays`: Established goes on. Else code and subcode of the NOTIFICATION that ends it. */
export type Fate = "opens" | "stays" | `${number}/${number}`;

/** Bytes over a connection on which the peer's OPEN is awaited, or over an Established one. */
export type Hostile = {
  readonly number: number;
  readonly what: string;
  readonly at: "OpenSent" | "Established";
  readonly bytes: Uint8Array;
  readonly fate: Fate;
};

type Row = readonly [number: number, what: string, bytes: Uint8Array, fate: Fate];

const marker = "ff".repeat(16);
const raw = (length: number, type: number, body = ""): Uint8Array =>
  bytesOf(`${marker} ${hexOfNumber(length, 2)} ${hexOfNumber(type, 1)} ${body}`);

const frames: readonly Row[] = [
  [1, "a marker that is not all ones", bytesOf(`${"ff".repeat(15)}fe 0013 04`), "1/1"],
  [1, "text of another protocol", bytesOf(hexOf(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))), "1/1"],
  ...[0, 1, 18].map((length): Row => [2, `a length of ${length}`, raw(length, 4), "1/2"]),
  ...[0, 6, 7, 127, 128, 255].map((type): Row => [4, `a message of type ${type}`, raw(19, type), "1/3"]),
  [5, "a KEEPALIVE of 20 bytes", raw(20, 4, "00"), "1/2"],
  [5, "a KEEPALIVE of 4,096 bytes", raw(4_096, 4), "1/2"],
];

const longFrames: readonly Row[] = [
  ...[4_097, 65_535].map((length): Row => [3, `an OPEN of ${length} bytes`, raw(length, 1), "1/2"]),
  [3, "an UPDATE of 65,535 bytes before the OPEN", raw(65_535, 2), "1/2"],
];

/** AS 64500, hold time 90 s, 10.0.0.2: the peer of the rig. */
const fixed = "04 fbf4 005a 0a000002";
const parameters = (hex: string): Uint8Array =>
  messageOf("open", `${fixed} ${hexOfNumber(bytesOf(hex).length, 1)} ${hex}`);
const capabilities = (hex: string): Uint8Array => parameters(`02 ${hexOfNumber(bytesOf(hex).length, 1)} ${hex}`);
const both = "0104 00010001 0104 00020001 4104 0000fbf4";

const opens: readonly Row[] = [
  [10, "an end after the length of the parameters", messageOf("open", `${fixed} ff`), "2/0"],
  [10, "an end after the type of a parameter", messageOf("open", `${fixed} 01 02`), "2/0"],
  [11, "extended parameters longer than the message", messageOf("open", `${fixed} ff ff ffff 02 0000`), "2/0"],
  [11, "an extended parameter longer than all", messageOf("open", `${fixed} ff ff 0003 02 ffff`), "2/0"],
  [12, "length 0 and parameters after it", messageOf("open", `${fixed} 00 02 00`), "2/0"],
  [12, "parameters longer than the message", messageOf("open", `${fixed} 09 02 06 4104 0000fbf4`), "2/0"],
  [13, "a capability that reaches into the next parameter", parameters("02 02 4104 02 02 0200"), "2/0"],
  [13, "a four-octet AS number of length 0 before another capability", capabilities("4100 0200"), "2/0"],
  ...["", "0000fb", "0000fbf400"].map((value): Row => {
    const length = value.length / 2;
    return [
      14,
      `a four-octet AS number of ${length} bytes`,
      capabilities(`41 ${hexOfNumber(length, 1)} ${value}`),
      "2/0",
    ];
  }),
  [15, "a family of 3 bytes", capabilities(`${both} 0103 000100`), "opens"],
  [15, "a family of 5 bytes", capabilities(`${both} 0105 0001000100`), "opens"],
  [16, "an empty graceful restart", capabilities(`${both} 4000`), "opens"],
  [16, "a graceful restart of 3 bytes", capabilities(`${both} 4003 007800`), "opens"],
  [17, "outbound filters with a short header", capabilities(`${both} 0302 0001`), "opens"],
  [17, "outbound filters with more entries than bytes", capabilities(`${both} 0307 00010001ff4003`), "opens"],
  [18, "a software version of length 0", capabilities(`${both} 4b01 00`), "opens"],
  [18, "a software version of 200 bytes", capabilities(`${both} 4bc9 c8 ${"61".repeat(200)}`), "opens"],
  [19, "an extended next hop of 5 bytes", capabilities(`${both} 0505 0001000100`), "opens"],
  [20, "an empty role", capabilities(`${both} 0900`), "opens"],
  [20, "a role of 200 bytes", capabilities(`${both} 09c8 ${"00".repeat(200)}`), "opens"],
  [21, "an unknown capability of 200 bytes", capabilities(`${both} c8c8 ${"ff".repeat(200)}`), "opens"],
  [21, "an unknown capability of 255 bytes that are not there", capabilities("c8ff 010203040506"), "2/0"],
  [22, "100 times the same capability", capabilities(`${both} ${"0200".repeat(100)}`), "opens"],
  [22, "100 times a graceful restart of nothing", capabilities(`${both} ${"4000".repeat(100)}`), "opens"],
  [23, "AS 0", messageOf("open", "04 0000 005a 0a000002 00"), "2/2"],
  [23, "AS_TRANS without a number behind it", messageOf("open", "04 5ba0 005a 0a000002 00"), "2/2"],
  [23, "identifier 0.0.0.0", messageOf("open", "04 fbf4 005a 00000000 00"), "2/3"],
  [23, "hold time 1 s", messageOf("open", "04 fbf4 0001 0a000002 00"), "2/6"],
  [23, "hold time 2 s", messageOf("open", "04 fbf4 0002 0a000002 00"), "2/6"],
  [23, "version 3", messageOf("open", "03 fbf4 005a 0a000002 00"), "2/1"],
];

const reach = (value: string): Uint8Array => updateOf({ attributes: `${attribute("80", 14, value)} ${igp} ${path}` });
const unreach = (value: string): Uint8Array => updateOf({ attributes: attribute("80", 15, value) });
/** Announces two prefixes with all that is needed, and this. */
const beside = (hex: string): Uint8Array => updateOf({ attributes: `${mandatory} ${hex}`, nlri });
const instead = (attributes: string): Uint8Array => updateOf({ attributes, nlri });
const withPath = (value: string): Uint8Array => instead(`${igp} ${attribute("40", 2, value)} ${nextHop}`);

const updates: readonly Row[] = [
  [24, "more withdrawn than there is", messageOf("update", "00c8 0000"), "3/1"],
  [25, "more attributes than there are", messageOf("update", `0000 ffff ${mandatory}`), "3/1"],
  [26, "a last attribute that overruns", beside("c0 08 08 fc000064"), "stays"],
  [26, "one byte left of an attribute", beside("c0"), "stays"],
  [26, "two bytes left of an attribute", beside("c008"), "stays"],
  [26, "prefixes in an attribute that overruns", updateOf({ attributes: "80 0e 20 000201 10" }), "3/5"],
  [27, "a long length of one byte", beside("d0 08 00"), "stays"],
  [28, "nothing but an unknown attribute", instead(attribute("c0", 200, "00")), "stays"],
  [28, "no mandatory attribute", instead(""), "stays"],
  [
    29,
    "End-of-RIB with attributes",
    updateOf({ attributes: `${attribute("80", 15, "000201")} ${attribute("c0", 200, "ff")}` }),
    "stays",
  ],
  [
    30,
    "MP_UNREACH_NLRI and prefixes without attributes",
    instead(attribute("80", 15, `000201 ${ipv6Prefix}`)),
    "stays",
  ],
  ...[0, 9, 64].map(
    (length): Row => [
      31,
      `a next hop of ${length} bytes in MP_REACH_NLRI`,
      reach(`000201 ${hexOfNumber(length, 1)} ${"fd".repeat(length)} 00 ${ipv6Prefix}`),
      "stays",
    ],
  ),
  [31, "a next hop that overruns MP_REACH_NLRI", reach(`000201 10 ${ipv6Hop.slice(2)}`), "stays"],
  [31, "MP_REACH_NLRI without a family", reach(""), "3/9"],
  ...["", "0a", "0a09", "0a0900"].map(
    (value): Row => [
      32,
      `a NEXT_HOP of ${value.length / 2} bytes`,
      instead(`${igp} ${path} ${attribute("40", 3, value)}`),
      "stays",
    ],
  ),
  [33, "AS4_PATH of one byte before AS_PATH", instead(`${attribute("c0", 17, "02")} ${mandatory}`), "stays"],
  [34, "an empty AS_PATH", withPath(""), "stays"],
  [34, "an AS_PATH whose segment overruns", withPath("02c8 0000fbf4"), "stays"],
  [34, "an AS_PATH with a segment of type 0", withPath("0001 0000fbf4"), "stays"],
  [34, "an AS_PATH with a segment of type 5", withPath("0501 0000fbf4"), "stays"],
  [
    34,
    "an AS_PATH of 255 segments",
    instead(`${igp} 50 02 ${hexOfNumber(255 * 6, 2)} ${"0201 0000fbf4".repeat(255)} ${nextHop}`),
    "stays",
  ],
  [35, "an unknown attribute that everybody should know", beside(attribute("40", 200, "00")), "stays"],
  [36, "ORIGIN without the transitive bit", instead(`${attribute("00", 1, "00")} ${path} ${nextHop}`), "stays"],
  ...["", "0000", "03"].map(
    (value): Row => [36, `the ORIGIN "${value}"`, instead(`${attribute("40", 1, value)} ${path} ${nextHop}`), "stays"],
  ),
  [37, "lengths that shift all that follows", instead(`40 01 02 00 ${path} ${nextHop}`), "stays"],
  [38, "a tunnel whose sub-TLV overruns", beside(attribute("c0", 23, "0008 0004 02ff 0000")), "stays"],
  [39, "a Prefix-SID with sub-TLVs of length 0", beside(attribute("c0", 40, "05 0000 05 0000 0100")), "stays"],
  [40, "AIGP of length 0", beside(attribute("80", 26, "010000")), "stays"],
  [40, "an AIGP metric of 7 bytes", beside(attribute("80", 26, "01000a00000000000001")), "stays"],
  [41, "ONLY_TO_CUSTOMER of 3 bytes", beside(attribute("c0", 35, "0000fb")), "stays"],
  [41, "ONLY_TO_CUSTOMER of 5 bytes", beside(attribute("c0", 35, "0000fbf400")), "stays"],
  [41, "ONLY_TO_CUSTOMER of 1,024 bytes", beside(`d0 23 0400 ${"00".repeat(1_024)}`), "stays"],
  ...[
    [8, ""],
    [8, "fc00006400"],
    [32, ""],
    [32, "00".repeat(13)],
  ].map(
    ([type, value]): Row => [
      42,
      `communities (${type}) of ${String(value).length / 2} bytes`,
      beside(attribute("c0", Number(type), String(value))),
      "stays",
    ],
  ),
  [43, "a flow specification of length 0", unreach("000185 00"), "stays"],
  [43, "labelled prefixes beyond the end", reach("000104 04 0a090001 00 ff"), "stays"],
  ...[33, 129, 255].map(
    (length): Row => [
      44,
      `a prefix length of ${length}`,
      updateOf({ attributes: mandatory, nlri: `${hexOfNumber(length, 1)} ${"00".repeat(32)}` }),
      "stays",
    ],
  ),
  [
    45,
    "an IPv4-mapped address in an IPv6 extended community",
    beside(attribute("c0", 25, `0002${"00".repeat(10)}ffff0a0900010000`)),
    "stays",
  ],
  [45, "an IPv6 extended community that is cut", beside(attribute("c0", 25, "0002")), "stays"],
  [46, "reserved flags", beside(attribute("cf", 8, "fc000064")), "stays"],
  [47, "the same attribute twice", beside(igp), "stays"],
  [47, "two attributes with prefixes of the same kind", updateOf({ attributes: `${mpReach} ${mpReach}` }), "3/1"],
  [48, "4,096 bytes of attributes of one byte", updateOf({ attributes: "c8c800".repeat(1_357) }), "stays"],
];

const at = (state: Hostile["at"], rows: readonly Row[]): readonly Hostile[] =>
  rows.map(([number, what, bytes, fate]) => ({ number, what, at: state, bytes, fate }));

/** All of them that are bytes alone; what takes time or several connections is in session-hostile.test.ts. */
export const hostileInputs: readonly Hostile[] = [
  ...at("OpenSent", [...frames, ...longFrames, ...opens]),
  ...at("Established", [...frames, ...updates]),
];
