import assert from "node:assert/strict";
import { it } from "node:test";
import { knownPeer } from "../../../src/agent/bgp-follow.ts";
import { KnownNodes } from "../../../src/agent/bgp-known-node.ts";
import { endpointText, macsOf } from "../../../src/agent/endpoint-text.ts";
import { type KeptView, keptObject, parseKeptView } from "../../../src/agent/kept-view.ts";
import type { Endpoint } from "../../../src/agent/ports.ts";
import { formatMac } from "../../../src/net/mac.ts";
import { parseEndpoint } from "../../../src/protocols/heartbeat/endpoint.ts";
import { generateKeyPair } from "../../../src/protocols/heartbeat/keys.ts";
import { addresses, advertisement, group, service } from "../../support/builders.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 2);
const { publicKey: key } = generateKeyPair();
const endpoint: Endpoint = { addresses: addresses("192.168.50.12", "fd50::12"), port: 7474, key, macs: [mac] };

function endpointOf(text: string): Endpoint | undefined {
  const parsed = parseEndpoint(text);
  return "problem" in parsed ? undefined : { ...parsed.endpoint, macs: macsOf(text) };
}

const tor = { address: "192.168.50.1", asn: 64512, localAsn: 64513, holdTime: "9s", passwordSecret: { name: "tor" } };
const parsedPeer = knownPeer({ metadata: { name: "tor", uid: "p1", generation: 2 }, spec: tor });
if ("problems" in parsedPeer) throw new Error("test data: no peer");
const keptPeer = parsedPeer.value;

const status = { holder: "node2", service: "shop/web", protocol: "ARP", history: [], conditions: [] } as const;
const view: KeptView = {
  drain: true,
  groups: [group(["node1", "node2"], { witness: true, epoch: 7 })],
  advertisements: [
    advertisement("192.168.50.200", { owner: service(), node: "node2", generation: 4, candidates: ["node2"], status }),
    advertisement("fd50::200", {
      owner: service(),
      announcement: { arp: { interfaces: ["eth1"], mode: "Address", conflictCheck: "Off" } },
    }),
  ],
  endpoints: new Map([["node2", endpoint]]),
  bgp: {
    node: new KnownNodes("cloud.example").read({
      metadata: {
        name: "node1",
        uid: "n1",
        labels: { rack: "a" },
        annotations: { "cloud.example/node-asn": "1", other: "" },
      },
      status: { addresses: [{ type: "InternalIP", address: "192.168.50.11" }] },
    }),
    peers: [keptPeer],
    passwords: new Map([["tor", "hunter2"]]),
  },
};

it("is the same after a way over the disk", () => {
  assert.deepEqual(parseKeptView(JSON.parse(JSON.stringify(keptObject(view))), endpointOf), view);
});

for (const [what, stored] of [
  ["nothing", undefined],
  ["something else", { groups: [] }],
  ["what a later version kept", { ...keptObject(view), version: 2 }],
] as const)
  it(`is not read from ${what}`, () => assert.equal(parseKeptView(stored, endpointOf), undefined));

it("a node's Lease says where it hears heartbeats so that the others read the same", () => {
  const read = endpointOf(endpointText(endpoint));
  assert.deepEqual(read && { ...read, macs: read.macs.map(formatMac) }, { ...endpoint, macs: [formatMac(mac)] });
});

for (const text of ['{"macs":7}', '{"macs":[7,"no MAC"]}', "{}"])
  it(`reads no MAC from ${text}`, () => assert.deepEqual(macsOf(text), []));
