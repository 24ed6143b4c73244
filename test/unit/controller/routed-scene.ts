import assert from "node:assert/strict";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { defaultArp } from "../../../src/api/announcement.ts";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import type { NodeBgpSession } from "../../../src/api/vip-node.ts";
import { AddressStates, type Scene } from "../../../src/controller/address-states.ts";
import { type NodeReport, nodeReport } from "../../../src/controller/node-reports.ts";
import type { RouteRights } from "../../../src/controller/route-rights.ts";
import { address, addresses, advertisement, service, vipNode } from "../../support/builders.ts";

/** The address of the scenes below. */
export const text = "192.0.2.1";

/** What a node does and says. */
export type Node = {
  readonly routes?: boolean;
  readonly answers?: boolean;
  readonly session?: NodeBgpSession["state"];
  readonly refuses?: string;
  /** Why; as a drained node does, unless it is given. */
  readonly reason?: string;
  readonly liveness?: Liveness;
};

/** What a node says of the address. */
export function report(name: string, node: Node): NodeReport {
  const { routes = false, answers = false, session, refuses, reason = "Draining", liveness = "alive" } = node;
  const bgp = session && [{ peer: "tor", state: session, since: "", message: "", announced: 0 }];
  const refusing = refuses === undefined ? [] : [{ address: address(text), reason, message: refuses }];
  const announcing = [
    ...(answers ? [{ protocol: "ARP", interface: "eth0", addresses: addresses(text) } as const] : []),
    ...(routes ? [{ protocol: "BGP", interface: "", addresses: addresses(text) } as const] : []),
  ];
  return nodeReport(vipNode(name, { announcing, refusing, ...(bgp && { bgp }) }), liveness);
}

export const groups = new Map();

/** The state of the address, which is announced by BGP alone unless the changes say how. */
export function stateOf(
  nodes: Readonly<Record<string, Node>>,
  changes: Partial<Advertisement> = {},
  scene: Partial<Scene> = {},
) {
  const reports = new Map(Object.entries(nodes).map(([name, node]) => [name, report(name, node)]));
  const bgp = { announcement: { bgp: defaultBgp } };
  const vip = advertisement(text, { owner: service(), ...bgp, ...changes });
  const state = new AddressStates().at([vip], { reports, groups, ...scene }, 0).states.get(vip.name);
  assert.ok(state);
  return { state, vip };
}

export const up = { routes: true, session: "Established" } as const;
export const onBoth = { announcement: { arp: defaultArp, bgp: defaultBgp }, node: "n1", group: "g" };

/** Which nodes may announce an address, each with the peers by which it would tell of it. */
export function rightsOf(peers: Readonly<Record<string, readonly string[]>>): ReturnType<RouteRights> {
  return new Map(Object.entries(peers).map(([name, each]) => [name, new Set(each)]));
}
