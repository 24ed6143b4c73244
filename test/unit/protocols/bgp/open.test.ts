import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BgpMessageError } from "../../../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeOpen } from "../../../../src/protocols/bgp/encode-message.ts";
import type { Capabilities, Open } from "../../../../src/protocols/bgp/message.ts";
import { negotiated } from "../../../../src/protocols/bgp/negotiation.ts";
import { address } from "../../../support/builders.ts";
import { bytesOf, capabilities, hexOf, messageOf, open } from "./messages.ts";

const hexByte = (number: number): string => number.toString(16).padStart(2, "0");
/** Version 4, AS 64512, hold time 90 s, 10.9.0.1. */
const fixed = "04 fc00 005a 0a090001";
const ofParameters = (hex: string): Uint8Array => messageOf("open", `${fixed} ${hexByte(bytesOf(hex).length)} ${hex}`);
const ofCapabilities = (hex: string): Uint8Array => ofParameters(`02 ${hexByte(bytesOf(hex).length)} ${hex}`);

function decoded(bytes: Uint8Array): Open {
  const message = decodeMessage(bytes);
  assert.ok(message.kind === "open");
  return message;
}

function refusal(bytes: Uint8Array): string {
  try {
    decodeMessage(bytes);
  } catch (error) {
    assert.ok(error instanceof BgpMessageError, String(error));
    const { code, subcode, data } = error.notification;
    return `${code}/${subcode} ${hexOf(data)}`.trim();
  }
  return "accepted";
}

const kept = { restarting: true, notification: true, restartTimeSeconds: 120 };

describe("the format, byte by byte", () => {
  const cases: readonly { readonly name: string; readonly value: Open; readonly hex: string }[] = [
    {
      name: "without capabilities",
      value: open({ holdTimeSeconds: 0 }, { fourOctetAs: false }),
      hex: "04 fc00 0000 0a090001 00",
    },
    {
      name: "an AS number that needs four octets",
      value: open({ asn: 4_200_000_002 }),
      hex: "04 5ba0 005a 0a090001 08 02 06 4104fa56ea02",
    },
    {
      name: "all that Herald says",
      value: open(
        {},
        {
          families: [4, 6],
          routeRefresh: true,
          extendedNextHop: true,
          extendedMessage: true,
          gracefulRestart: {
            ...kept,
            families: [
              { family: 4, forwardingKept: true },
              { family: 6, forwardingKept: false },
            ],
          },
          other: [{ code: 200, value: Uint8Array.of(1, 2) }],
        },
      ),
      hex: `${fixed} 30 02 2e
        0104 0001 00 01          # multiprotocol, IPv4 unicast
        0104 0002 00 01
        0200                     # route refresh
        0506 0001 0001 0002      # IPv4 unicast with IPv6 next hops
        0600                     # extended messages
        400a c078 0001 01 80 0002 01 00 # restarting, N, 120 s, F only for IPv4
        4104 0000fc00
        c802 0102`,
    },
  ];
  for (const { name, value, hex } of cases)
    it(name, () => {
      assert.equal(hexOf(encodeOpen(value)), hexOf(messageOf("open", hex)));
      assert.deepEqual(decoded(encodeOpen(value)), value);
    });

  it("lengths of two bytes are read (RFC 9072)", () => {
    const long = `4104 0000fc00 c8ff ${"00".repeat(255)}`;
    const bytes = messageOf("open", `${fixed} ff ff 010d 02 0107 ${long} 02 0000`);
    assert.equal(bytes.length, 19 + 13 + 0x010d);
    assert.deepEqual(decoded(bytes), open({}, { other: [{ code: 200, value: new Uint8Array(255) }] }));
    const short = messageOf("open", `${fixed} 0c ff 0009 02 0006 41040000fc00`);
    assert.deepEqual(decoded(short), open());
  });

  it("capabilities may be spread over several parameters", () => {
    assert.deepEqual(decoded(ofParameters("02 02 0200 02 00 02 06 41040000fc00")), open({}, { routeRefresh: true }));
  });
});

describe("what ends the session", () => {
  const withFixed = (hex: string): Uint8Array => messageOf("open", `${hex} 00`);
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["B5.10: an end after the parameters' length", messageOf("open", `${fixed} 08`), "2/0"],
    ["B5.10: an end after a parameter's type", messageOf("open", `${fixed} 01 02`), "2/0"],
    ["B5.11: extended parameters without their length", messageOf("open", `${fixed} ff ff 00`), "2/0"],
    ["B5.11: extended parameters longer than the message", messageOf("open", `${fixed} ff ff ffff 02 0000`), "2/0"],
    ["B5.11: an extended parameter longer than all", messageOf("open", `${fixed} ff ff 0003 02 ffff`), "2/0"],
    ["B5.11: half of an extended parameter's length", messageOf("open", `${fixed} ff ff 0002 02 00`), "2/0"],
    ["B5.12: parameters of length 0 and something after them", messageOf("open", `${fixed} 00 02 00`), "2/0"],
    ["B5.12: length 0 and extended parameters", messageOf("open", `${fixed} 00 ff 0009 02 0006 41040000fc00`), "2/0"],
    ["B5.12: parameters longer than the message", messageOf("open", `${fixed} 09 02 06 41040000fc00`), "2/0"],
    ["B5.12: parameters shorter than the message", messageOf("open", `${fixed} 07 02 06 41040000fc00`), "2/0"],
    ["B5.12: a parameter longer than all", ofParameters("02 07 41040000fc00"), "2/0"],
    ["B5.13: a capability longer than its parameter", ofCapabilities("4105 0000fc00"), "2/0"],
    ["B5.13: a capability that would reach into the next parameter", ofParameters("02 02 4104 02 02 0200"), "2/0"],
    ["B5.13: a capability without length", ofCapabilities("0200 41"), "2/0"],
    ...["", "0000fc", "0000fc0000"].map(
      (value) =>
        [
          `B5.14: a four-octet AS number of ${value.length / 2} bytes`,
          ofCapabilities(`41 ${hexByte(value.length / 2)} ${value}`),
          "2/0",
        ] as const,
    ),
    ["B5.23: AS 0", withFixed("04 0000 005a 0a090001"), "2/2"],
    ["B5.23: four-octet AS 0", ofCapabilities("4104 00000000"), "2/2"],
    ["two different AS numbers", ofCapabilities("4104 0000fc01"), "2/2"],
    ["B5.23: identifier 0.0.0.0", withFixed("04 fc00 005a 00000000"), "2/3"],
    ["B5.23: hold time 1 s", withFixed("04 fc00 0001 0a090001"), "2/6 0001"],
    ["B5.23: hold time 2 s", withFixed("04 fc00 0002 0a090001"), "2/6 0002"],
    ["B5.23: version 3", withFixed("03 fc00 005a 0a090001"), "2/1 0004"],
    ["version 5, before anything else", messageOf("open", "05 0000 0001 00000000 ff"), "2/1 0004"],
    ["authentication (RFC 1771)", ofParameters("01 01 00"), "2/4"],
    ["a parameter that nobody knows", ofParameters("fe 00"), "2/4"],
  ];
  for (const [name, bytes, want] of cases) it(name, () => assert.equal(refusal(bytes), want));

  it("B5.51: the NOTIFICATION never holds more than was received", () => {
    for (const [, bytes] of cases)
      try {
        decodeMessage(bytes);
      } catch (error) {
        assert.ok(error instanceof BgpMessageError && error.notification.data.length <= 2);
      }
  });
});

describe("capabilities that are not understood do not cost the session", () => {
  const many = (hex: string, count: number): string => hex.repeat(count);
  const other = (code: number, hex: string): Partial<Capabilities> => ({ other: [{ code, value: bytesOf(hex) }] });
  const cases: readonly (readonly [string, string, Partial<Capabilities>])[] = [
    ["B5.15: a family of 3 bytes", "0103 000100", other(1, "000100")],
    ["B5.15: a family of 5 bytes", "0105 0001000100", other(1, "0001000100")],
    ["a family of 0 bytes", "0100", other(1, "")],
    ["VPN routes", "0104 00010080", other(1, "00010080")],
    ["L2VPN EVPN", "0104 00190046", other(1, "00190046")],
    ["a reserved byte in a family", "0104 0001ff01", { families: [4] }],
    ["route refresh with a value", "0201 00", other(2, "00")],
    ["extended messages with a value", "0601 00", other(6, "00")],
    ["B5.16: an empty graceful restart", "4000", other(64, "")],
    ["B5.16: graceful restart of 1 byte", "4001 00", other(64, "00")],
    ["B5.16: graceful restart of 2 + 3 bytes", "4005 0078 000101", other(64, "0078000101")],
    [
      "graceful restart of other families, reserved bits set",
      "400a 3078 00010280 0002017f",
      {
        gracefulRestart: {
          ...kept,
          restarting: false,
          notification: false,
          families: [{ family: 6, forwardingKept: false }],
        },
      },
    ],
    [
      "of two, the last graceful restart that is one",
      "4002 8001 4006 c078 00020180 4001 00",
      { gracefulRestart: { ...kept, families: [{ family: 6, forwardingKept: true }] }, ...other(64, "00") },
    ],
    ["B5.17: outbound filters with a short header", "0302 0001", other(3, "0001")],
    ["B5.17: outbound filters with more entries than bytes", "0307 00010001 ff 4003", other(3, "00010001ff4003")],
    ["B5.18: a software version of length 0", "4b01 00", other(75, "00")],
    ["B5.18: an empty software version", "4b00", other(75, "")],
    ["B5.18: a software version of 65 bytes", `4b42 41 ${many("61", 65)}`, other(75, `41${many("61", 65)}`)],
    ["B5.19: extended next hop of 5 bytes", "0505 0001000100", other(5, "0001000100")],
    ["B5.19: extended next hop of 7 bytes", "0507 00010001000200", other(5, "00010001000200")],
    ["an empty extended next hop", "0500", other(5, "")],
    ["extended next hop for VPN routes, and by IPv4", "050c 000100800002 000100010001", {}],
    ["extended next hop, not the first", "050c 000100800002 000100010002", { extendedNextHop: true }],
    ["B5.20: an empty role", "0900", other(9, "")],
    ["B5.20: a role of 255 bytes", `09f0 ${many("00", 240)}`, other(9, many("00", 240))],
    ["B5.21: an unknown one of 240 bytes", `c8f0 ${many("ff", 240)}`, other(200, many("ff", 240))],
    [
      "code 0 and code 255",
      "0000 ff00",
      {
        other: [
          { code: 0, value: bytesOf("") },
          { code: 255, value: bytesOf("") },
        ],
      },
    ],
    ["families twice, IPv6 first", "0104 00020001 0104 00010001 0104 00020001", { families: [4, 6] }],
  ];
  for (const [name, hex, want] of cases)
    it(name, () => assert.deepEqual(decoded(ofCapabilities(hex)).capabilities, capabilities(want)));

  it("B5.22: 100 times the same capability", () => {
    assert.deepEqual(decoded(ofCapabilities(many("0200", 100))).capabilities, capabilities({ routeRefresh: true }));
    assert.equal(decoded(ofCapabilities(many("c800", 100))).capabilities.other.length, 100);
  });

  it("B5.21: an unknown one of 255 bytes", () => {
    const bytes = messageOf("open", `${fixed} ff ff 0104 02 0101 c8ff ${many("ff", 255)}`);
    assert.deepEqual(decoded(bytes).capabilities, capabilities(other(200, many("ff", 255))));
  });

  it("nothing of a decoded OPEN changes when the receive buffer is used again", () => {
    const bytes = encodeOpen(open({}, { other: [{ code: 200, value: Uint8Array.of(1, 2) }] }));
    const value = decoded(bytes);
    bytes.fill(0);
    assert.deepEqual(value, open({}, { other: [{ code: 200, value: Uint8Array.of(1, 2) }] }));
  });
});

describe("numbers", () => {
  it("B5.23: AS_TRANS without a four-octet number is the number, which no peer is configured with", () => {
    assert.equal(decoded(messageOf("open", "04 5ba0 005a 0a090001 00")).asn, 23456);
  });

  it("a four-octet AS number without that capability is AS_TRANS to the receiver (RFC 6793, 4.2.1)", () => {
    const bare = open({ asn: 70_000 }, { fourOctetAs: false });
    assert.deepEqual(decoded(encodeOpen(bare)), { ...bare, asn: 23_456 });
  });

  it("the largest AS number", () => {
    const value = open({ asn: 4_294_967_295 });
    assert.deepEqual(decoded(encodeOpen(value)), value);
  });

  const unsendable: readonly (readonly [string, Open])[] = [
    ["an AS number of more than 32 bits", open({ asn: 2 ** 32 })],
    ["a negative AS number", open({ asn: -1 }, { fourOctetAs: false })],
    ["a negative hold time", open({ holdTimeSeconds: -1 })],
    ["a hold time that is no integer", open({ holdTimeSeconds: 1.5 })],
    ["a restart time of 4096 s", open({}, { gracefulRestart: { ...kept, restartTimeSeconds: 4096, families: [] } })],
    ["a negative restart time", open({}, { gracefulRestart: { ...kept, restartTimeSeconds: -1, families: [] } })],
    ["capabilities of more than 253 bytes", open({}, { other: [{ code: 200, value: new Uint8Array(246) }] })],
  ];
  for (const [name, value] of unsendable)
    it(`${name} is not sent`, () => assert.throws(() => encodeOpen(value), RangeError));
});

describe("what two OPENs agree on", () => {
  const everything = open({}, { families: [4, 6], routeRefresh: true, extendedMessage: true, extendedNextHop: true });
  const all = {
    internal: true,
    families: [4, 6],
    routeRefresh: true,
    fourOctetAs: true,
    extendedMessage: true,
    extendedNextHop: true,
  };
  const nothing = {
    ...all,
    families: [4],
    routeRefresh: false,
    fourOctetAs: false,
    extendedMessage: false,
    extendedNextHop: false,
  };
  const evpn = { code: 1, value: bytesOf("00190046") };
  const cases: readonly (readonly [string, Open, object])[] = [
    ["both can all", everything, all],
    ["a peer of another system", { ...everything, asn: 64513 }, { ...all, internal: false }],
    ["a peer without capabilities speaks IPv4", { ...everything, capabilities: capabilities() }, nothing],
    ["a peer of IPv6 alone", open({}, { families: [6] }), { ...nothing, families: [6], fourOctetAs: true }],
    ["a peer of EVPN alone", open({}, { other: [evpn] }), { ...nothing, families: [], fourOctetAs: true }],
  ];
  for (const [name, theirs, want] of cases)
    it(name, () => {
      assert.deepEqual(negotiated(everything, theirs), want);
      assert.deepEqual(negotiated(theirs, everything), want);
    });

  it("router ids do not matter", () => {
    assert.deepEqual(negotiated(everything, { ...everything, routerId: address("10.9.0.2") }), all);
  });
});
