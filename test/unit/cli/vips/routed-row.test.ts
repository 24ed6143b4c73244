import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AdvertisementObject } from "../../../../src/api/vip-advertisement.ts";
import { printList } from "../../../../src/cli/output.ts";
import { listing } from "../../../../src/cli/vips/command.ts";
import { type VipRow, vipRows } from "../../../../src/cli/vips/vip-row.ts";
import { noonMs } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";
import { allHear, groupName, voting } from "../voting-of.ts";

const created = "2026-01-31T11:00:00Z";
const besides = "node1 and node2 announce 192.0.2.7 by BGP; not on the LAN: no node has the LAN";

type Status = NonNullable<AdvertisementObject["status"]>;

function row(spec: Partial<AdvertisementObject["spec"]>, status: Status): VipRow {
  const object: AdvertisementObject = {
    metadata: { name: "192-0-2-7", creationTimestamp: created },
    spec: {
      address: "192.0.2.7",
      services: [{ namespace: "shop", name: "web", uid: "u" }],
      announcement: { bgp: {} },
      ...spec,
    },
    status,
  };
  const source = { advertisements: [object], pools: [], voting: voting(allHear), nowMs: noonMs };
  return vipRows(source)[0] ?? assert.fail("no row");
}

function announced(status: "True" | "False", message: string) {
  return { type: "Announced", status, reason: "Announced", message, lastTransitionTime: created };
}

async function line(shown: VipRow, format = "table"): Promise<string> {
  const terminal = terminalStub();
  await printList([shown], listing(noonMs), format, terminal);
  return (terminal.written.out.split("\n")[1] ?? "").replace(/ {2,}/g, " | ");
}

const three: Status = { holder: "node2", holders: ["node1", "node2", "node3"], protocol: "BGP" };
const both = { arp: {}, bgp: {} };

describe("an address that is announced by BGP", () => {
  it("has one of its announcers and how many more, no votes, and nothing to remark", async () =>
    assert.equal(await line(row({}, three)), "192.0.2.7 | - | shop/web | node2 (+2) | - | 1h | announced | -"));

  it("has all of them with -o wide, and whether every eligible node shall", async () => {
    assert.match(await line(row({}, three), "wide"), /\| BGP \| node1,node2,node3 \| every eligible node \|/);
    const chosen = row({ announcers: ["node1", "node2"] }, { ...three, holders: ["node1", "node2"] });
    assert.match(await line(chosen, "wide"), /\| BGP \| node1,node2 \| node1,node2 \|/);
  });

  const remarks: readonly (readonly [
    name: string,
    spec: Partial<AdvertisementObject["spec"]>,
    status: Status,
    want: string,
  ])[] = [
    [
      "the announcers that do not announce it yet",
      { announcers: ["node1", "node4"] },
      { ...three, holders: ["node1"] },
      "announced not by BGP from node4 yet",
    ],
    [
      "nothing of announcers where the status cannot name all",
      { announcers: ["node99"] },
      { ...three, holders: Array.from({ length: 16 }, (_, i) => `node${i}`) },
      "announced ",
    ],
    [
      "why the LAN is without it, where BGP alone works",
      { announcement: both },
      { holder: "", holders: ["node1", "node2"], conditions: [announced("True", besides)] },
      `announced ${besides}`,
    ],
    [
      "where it is wanted on the LAN",
      { announcement: both, group: groupName, node: "node1" },
      { holder: "node2", holders: ["node1"], protocol: "ARP+BGP" },
      "announced wanted on node1",
    ],
    [
      "why nobody announces it",
      {},
      { holder: "", holders: [], conditions: [announced("False", "no session")] },
      "pending Announced: no session",
    ],
  ];
  for (const [name, spec, status, want] of remarks)
    it(`says ${name}`, () => {
      const { state, message } = row(spec, status);
      assert.equal(`${state} ${message}`, want);
    });

  it("and on the LAN has the node that answers there as its holder", async () => {
    const shown = row(
      { announcement: both, group: groupName, node: "node1" },
      { holder: "node1", holders: ["node1", "node2"], protocol: "ARP+BGP" },
    );
    assert.match(await line(shown), /\| shop\/web \| node1 \| 3\/3 \|/);
  });
});
