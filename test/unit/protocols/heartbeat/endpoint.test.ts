import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HeartbeatEndpoint, parseEndpoint } from "../../../../src/protocols/heartbeat/endpoint.ts";
import { generateKeyPair } from "../../../../src/protocols/heartbeat/keys.ts";
import { mutated, randomFrom } from "../../../fuzz/mutation.ts";
import { address } from "../../../support/builders.ts";

const key = generateKeyPair().publicKey;
const endpoint: HeartbeatEndpoint = { addresses: [address("192.168.50.11"), address("fd50::11")], port: 7474, key };
const text = `{"addresses":["192.168.50.11","fd50::11"],"port":7474,"key":"${key}"}`;

it("an endpoint is read as the Lease has it", () => {
  assert.deepEqual(parseEndpoint(text), { endpoint });
});

it("a node without address on a LAN says so", () => {
  const none = text.replace(/\[.*\]/, "[]");
  assert.deepEqual(parseEndpoint(none), { endpoint: { ...endpoint, addresses: [] } });
});

it("fields of a later version are left alone", () => {
  assert.deepEqual(parseEndpoint(text.replace("}", ',"later":[1]}')), { endpoint });
});

describe("what is wrong is said in words, with the field", () => {
  const changed = (fields: object): string => JSON.stringify({ ...JSON.parse(text), ...fields });
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["no JSON", "addresses: []", /^expected a JSON object$/],
    ["nothing", "", /^expected a JSON object$/],
    ["null", "null", /^expected a JSON object$/],
    ["a number", "7", /^expected a JSON object$/],
    ["a list", "[]", /^addresses: expected a list/],
    ["a text of a megabyte", `"${"x".repeat(1 << 20)}"`, /^expected at most 8192 characters, not 1048578$/],
    [
      "addresses that are no list",
      changed({ addresses: "192.168.50.11" }),
      /^addresses: expected a list of at most 64$/,
    ],
    [
      "65 addresses",
      changed({ addresses: Array(65).fill("192.168.50.11") }),
      /^addresses: expected a list of at most 64$/,
    ],
    ["a number as address", changed({ addresses: [7] }), /^addresses\[0\]: expected a string$/],
    [
      "an address with a zone",
      changed({ addresses: ["192.168.50.11", "fe80::1%eth0"] }),
      /^addresses\[1\]: "fe80::1%eth0" is no IP address/,
    ],
    ["loopback", changed({ addresses: ["127.0.0.1"] }), /^addresses\[0\]: 127\.0\.0\.1 is loopback/],
    ["a multicast group", changed({ addresses: ["ff02::1"] }), /^addresses\[0\]: ff02::1 is multicast/],
    [
      "the broadcast address",
      changed({ addresses: ["255.255.255.255"] }),
      /^addresses\[0\]: .* is reserved or broadcast/,
    ],
    ["no port", changed({ port: undefined }), /^port: expected an integer from 1 to 65535$/],
    ["port 0", changed({ port: 0 }), /^port: expected/],
    ["port 65536", changed({ port: 65536 }), /^port: expected/],
    ["a port as text", changed({ port: "7474" }), /^port: expected/],
    ["no key", changed({ key: undefined }), /^key: expected a string$/],
    ["a key that is none", changed({ key: "AAAA" }), /^key: expected base64 of 32 bytes$/],
    [
      "a key that everybody shares",
      changed({ key: Buffer.alloc(32).toString("base64") }),
      /^key: a point of low order/,
    ],
  ];
  for (const [name, wrong, want] of cases)
    it(name, () => {
      const parsed = parseEndpoint(wrong);
      assert.match("problem" in parsed ? parsed.problem : "none", want);
    });
});

it("mutated annotations give an endpoint or a problem", () => {
  const random = randomFrom(7);
  const bytes = Uint8Array.from(Buffer.from(text));
  for (let i = 0; i < 5_000; i++) {
    const parsed = parseEndpoint(Buffer.from(mutated(bytes, random)).toString("latin1"));
    assert.ok("problem" in parsed || parsed.endpoint.port > 0);
  }
});
