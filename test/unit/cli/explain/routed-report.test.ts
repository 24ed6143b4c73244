import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultBgp } from "../../../../src/api/bgp-announcement.ts";
import type { AdvertisementStatus } from "../../../../src/api/vip-advertisement.ts";
import type { RouteRow } from "../../../../src/cli/bgp/route-row.ts";
import { type AddressReport, addressReport } from "../../../../src/cli/explain/address-report.ts";
import { printAddress } from "../../../../src/cli/explain/address-text.ts";
import { situationOf } from "../../../../src/cli/explain/report.ts";
import { serviceReport } from "../../../../src/cli/explain/service-report.ts";
import { printService } from "../../../../src/cli/explain/service-text.ts";
import { address, addresses, advertisement, noonMs, pool, service, snapshot } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

const web = service({ allocated: addresses("192.0.2.7"), loadBalancerIP: "192.0.2.7" });
const byBgp = { bgp: defaultBgp };
const since = "2026-01-31T11:00:00Z";
const by = "node1 and node2 announce 192.0.2.7 by BGP";
const said = {
  type: "Announced",
  status: "True",
  reason: "Announced",
  message: by,
  lastTransitionTime: since,
} as const;
const status: AdvertisementStatus = {
  holder: "node1",
  holders: ["node1", "node2"],
  service: "shop/web",
  protocol: "BGP",
  history: [],
  conditions: [said],
};

/** What is known of the address while it is held with these parts. */
function situation(changes: Parameters<typeof advertisement>[1] = {}) {
  const held = advertisement("192.0.2.7", { owner: web, createdMs: noonMs, announcement: byBgp, status, ...changes });
  const parts = { pools: [pool({ announcement: byBgp })], services: [web], advertisements: [held] };
  return situationOf({ snapshot: snapshot(parts), problems: new Map() }, { writeLoadBalancerIP: true });
}

function text(changes: Parameters<typeof advertisement>[1] = {}, more: Partial<AddressReport> = {}): string {
  const terminal = terminalStub();
  printAddress({ ...addressReport(address("192.0.2.7"), situation(changes)), ...more }, terminal);
  return terminal.written.out;
}

describe("an address that is announced by BGP", () => {
  it("names every node that announces it, and which shall", () => {
    assert.match(text(), /Announced +by node1, node2 \(BGP\), wanted from every eligible node\n/);
    assert.match(text({ announcers: ["node1", "node3"] }), /\(BGP\), wanted from node1, node3\n/);
  });

  it("says by which reason nobody announces it", () => {
    const conditions = [
      { ...said, status: "False" as const, reason: "NoSession", message: "no session is established" },
    ];
    const found = text({ status: { ...status, holder: "", holders: [], conditions } });
    assert.match(
      found,
      /Announced +by no node \(BGP\), wanted from every eligible node\n +NoSession: no session is est/,
    );
  });

  it("and on the LAN says both", () => {
    const announcement = { arp: { interfaces: [], mode: "Responder", conflictCheck: "On" }, bgp: defaultBgp } as const;
    const lan = { announcement, group: "lan-1", node: "node1", status: { ...status, protocol: "ARP+BGP" as const } };
    assert.match(text(lan), /by node1 \(ARP\), placed on node1 of group lan-1\n +by node1, node2 \(BGP\), wanted/);
  });

  it("lists what each node tells each router, and why another is not told", () => {
    const route: RouteRow = {
      node: "node1",
      peer: "tor",
      prefix: "192.0.2.7/32",
      addresses: ["192.0.2.7"],
      services: ["shop/web"],
      state: "announced",
      reason: "",
      message: "",
    };
    const down: RouteRow = { ...route, node: "node2", state: "pending", reason: "NoSession", message: "refused" };
    const absent: RouteRow = {
      ...down,
      node: "node3",
      peer: "",
      state: "absent",
      reason: "Draining",
      message: "drained",
    };
    const lines = text({}, { routes: [route, down, absent] }).replace(/ {2,}/g, " | ");
    assert.match(lines, /What nodes tell routers:\n \| NODE \| PEER \| PREFIX \| ANSWER\n/);
    assert.match(lines, /\| node1 \| tor \| 192\.0\.2\.7\/32 \| told\n/);
    assert.match(lines, /\| node2 \| tor \| 192\.0\.2\.7\/32 \| to be told: NoSession: refused\n/);
    assert.match(lines, /\| node3 \| - \| 192\.0\.2\.7\/32 \| not told: Draining: drained\n/);
  });
});

it("a Service says in the condition's words which nodes announce its address by BGP", () => {
  const report = serviceReport(web, situation());
  assert.deepEqual(report.holds[0]?.holders, ["node1", "node2"]);
  const terminal = terminalStub();
  printService(report, terminal);
  assert.match(
    terminal.written.out,
    new RegExp(`Announced +192\\.0\\.2\\.7: ${by.replaceAll(".", "\\.")}, since ${since}\n`),
  );
});
