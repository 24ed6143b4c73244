import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { peerListing, routeListing } from "../../../../src/cli/bgp/listing.ts";
import type { PeerRow } from "../../../../src/cli/bgp/peer-row.ts";
import type { RouteRow } from "../../../../src/cli/bgp/route-row.ts";
import { type Listing, printList } from "../../../../src/cli/output.ts";
import { noonMs } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

async function printed<Row>(rows: readonly Row[], listing: Listing<Row>, format?: string): Promise<readonly string[]> {
  const terminal = terminalStub();
  await printList(rows, listing, format, terminal);
  return `${terminal.written.out}${terminal.written.err}`.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
}

const up: PeerRow = {
  peer: "tor",
  router: "192.0.2.1",
  asn: 64_512,
  localAsn: 64_513,
  node: "node1",
  state: "Established",
  since: "2026-01-31T11:00:00Z",
  families: ["IPv4", "IPv6"],
  bfd: "Up",
  announced: 12,
  planned: 12,
  lastNotification: "",
  message: "",
  conditions: [],
};
const notification = "received: Cease, Administrative Shutdown";
const missing = "SecretMissing: Secret herald-bgp/tor does not exist";
const down: PeerRow = { ...up, node: "node2", state: "Idle", bfd: "", announced: 0, message: "connection refused" };

const route: RouteRow = {
  node: "node1",
  peer: "tor",
  prefix: "203.0.113.0/24",
  addresses: ["203.0.113.7", "203.0.113.8"],
  services: ["shop/web", "shop/api"],
  attributes: { asPath: [64_513, 64_513], med: 5, communities: ["64513:100"], largeCommunities: ["64513:1:2"] },
  state: "announced",
  reason: "",
  message: "",
};

describe("the list of sessions", () => {
  it("has a line each", async () =>
    assert.deepEqual(await printed([up, down], peerListing(noonMs)), [
      "PEER | ROUTER | NODE | STATE | SINCE | FAMILIES | BFD | ANNOUNCED | REMARKS",
      "tor | 192.0.2.1 | node1 | Established | 1h | IPv4,IPv6 | Up | 12 | -",
      "tor | 192.0.2.1 | node2 | Idle | 1h | IPv4,IPv6 | - | 0 | connection refused",
      "",
    ]));

  it("has AS numbers, conditions and the last NOTIFICATION with -o wide", async () => {
    const row = {
      ...up,
      lastNotification: notification,
      conditions: ["PeerConflict: x"],
      received: { ipv4: 1, ipv6: 2 },
    };
    const [, line] = await printed([row], peerListing(noonMs), "wide");
    assert.match(
      line ?? "",
      /\| 64512 \| 64513 \| node1 \|.*\| 12 \| 3 \| PeerConflict: x \| received: Cease, Admin.* \| PeerConflict: x$/,
    );
  });

  it("names each BGPPeer once with -o name", async () =>
    assert.deepEqual(await printed([up, down], peerListing(noonMs), "name"), ["bgppeer.herald.dev/tor", ""]));

  it("names the VIPNode that tells of a router which no BGPPeer is", async () =>
    assert.deepEqual(await printed([{ ...up, peer: "node1/192.0.2.1" }], peerListing(noonMs), "name"), [
      "vipnode.herald.dev/node1",
      "",
    ]));

  it("gives how many prefixes there should be, where the router was told of fewer", async () =>
    assert.match((await printed([{ ...up, planned: 14 }], peerListing(noonMs)))[1] ?? "", / 12\/14 /));

  it("says that there are none", async () =>
    assert.deepEqual(await printed([], peerListing(noonMs)), ["there are no BGPPeers", ""]));

  const remarks: readonly (readonly [name: string, row: Partial<PeerRow>, want: string])[] = [
    [
      "the last NOTIFICATION of one that is down",
      { lastNotification: notification },
      `connection refused; ${notification}`,
    ],
    [
      "it once, where the words have it",
      { message: `the peer sent ${notification}`, lastNotification: notification },
      `the peer sent ${notification}`,
    ],
    [
      "a condition that the words leave out",
      { conditions: ["PeerConflict: x"] },
      "connection refused; PeerConflict: x",
    ],
    ["not what the rows tell anyway", { conditions: ["NotEstablished: 1 of 2"] }, "connection refused"],
    ["a missing Secret once", { message: missing, conditions: [`SecretMissing: node2: x`] }, missing],
  ];
  for (const [name, row, want] of remarks)
    it(`remarks ${name}`, async () => {
      const [, line = ""] = await printed([{ ...down, ...row }], peerListing(noonMs));
      assert.equal(line.split(" | ").at(-1), want);
    });
});

describe("the list of routes", () => {
  it("has a line each, with the attributes or the reason", async () => {
    const { attributes: _, ...absent } = { ...route, peer: "", state: "absent" as const, addresses: ["203.0.113.7"] };
    const rows = [route, { ...absent, reason: "NotChosen", message: "announced by node2, not by node node1" }];
    assert.deepEqual(await printed(rows, routeListing), [
      "NODE | PEER | PREFIX | SERVICE | STATE | AS-PATH | COMMUNITIES | REMARKS",
      "node1 | tor | 203.0.113.0/24 | shop/web (+1) | announced | 64513 64513 | 64513:100,64513:1:2 | -",
      "node1 | - | 203.0.113.0/24 | shop/web (+1) | absent | - | - | NotChosen: announced by node2, not by node node1",
      "",
    ]);
  });

  it("has all addresses and the other attributes with -o wide", async () =>
    assert.match(
      (await printed([route], routeListing, "wide"))[1] ?? "",
      /203\.0\.113\.7,203\.0\.113\.8 .*\| 64513 64513 \| - \| 5 \|/,
    ));

  it("names the addresses with -o name", async () =>
    assert.deepEqual(await printed([route], routeListing, "name"), [
      "vipadvertisement.herald.dev/203-0-113-7",
      "vipadvertisement.herald.dev/203-0-113-8",
      "",
    ]));
});
