import assert from "node:assert/strict";
import { it } from "node:test";
import { loadSchemas } from "../../../../src/cli/validate/schema.ts";
import { validate } from "../../../../src/cli/validate/validate.ts";

const schemas = await loadSchemas();

function found(text: string): readonly string[] {
  const { findings } = validate([{ path: "f.yaml", text }], schemas);
  return findings.map(({ line, code, path }) => `${line} ${code} ${path}`);
}

function peer(spec: string, labels = "{}", name = "tor"): string {
  return `apiVersion: herald.dev/v1beta1\nkind: BGPPeer\nmetadata: {name: ${name}, labels: ${labels}}\nspec:\n  ${spec.replaceAll("\n", "\n  ")}\n`;
}

const sound = "address: 192.0.2.1\nasn: 64512\nlocalAsn: 64513";

function pool(selector: string): string {
  return `---\napiVersion: herald.dev/v1beta1\nkind: IPPool\nmetadata: {name: routed}\nspec:\n  addresses: [203.0.113.0/28]\n  announcement: {bgp: {peerSelector: ${selector}}}\n`;
}

it("a sound BGPPeer has nothing wrong", () => assert.deepEqual(found(peer(sound)), []));

it("everything that is wrong with a BGPPeer is told at once: bounds, addresses, times and what excludes what", () =>
  assert.deepEqual(
    found(
      peer(
        [
          "address: 192.0.2.300",
          "asn: 0",
          "localAsn: 65535",
          "port: 70000",
          "sourceAddress: 192.0.2.300",
          "holdTime: 1s",
          "connectTime: soon",
          "ebgpMultihop: 4",
          "ttlSecurity: 2",
          "families: [IPv4, IPv5]",
          "bfd: {transmit: 10, multiplier: 2}",
          "colour: red",
        ].join("\n"),
      ),
    ),
    [
      "5 InvalidAddress spec.address",
      "6 OutOfBounds spec.asn",
      "7 InvalidField spec.localAsn",
      "8 OutOfBounds spec.port",
      "9 InvalidAddress spec.sourceAddress",
      "10 InvalidDuration spec.holdTime",
      "11 InvalidDuration spec.connectTime",
      "13 InvalidField spec.ttlSecurity",
      "14 UnknownValue spec.families[1]",
      "15 InvalidField spec.bfd.multiplier",
      "16 UnknownField spec.colour",
    ],
  ));

it("what has not the shape that it must have is told first, alone", () =>
  assert.deepEqual(found(peer("address: 192.0.2.300\nasn: many")), [
    "5 MissingField spec.localAsn",
    "6 WrongType spec.asn",
  ]));

it("what is hardly meant is a warning", () =>
  assert.deepEqual(found(peer(`${sound}\nholdTime: 0s`)), ["8 OddField spec.holdTime"]));

it("a pool's peerSelector that matches a BGPPeer among the files is fine", () =>
  assert.deepEqual(found(peer(sound, "{tier: a}") + pool("{matchLabels: {tier: a}}")), []));

it("a pool's peerSelector that matches none of them is told, unless it selects routers of annotations or there are none", () => {
  assert.deepEqual(found(peer(sound, "{tier: a}") + pool("{matchLabels: {tier: b}}")), [
    "14 UnknownPeer spec.announcement.bgp.peerSelector",
  ]);
  assert.deepEqual(found(peer(sound) + pool("{matchLabels: {herald.dev/source: node-annotations}}")), []);
  assert.deepEqual(found(pool("{matchLabels: {tier: b}}")), []);
});
