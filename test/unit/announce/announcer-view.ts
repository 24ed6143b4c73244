import { type Announcers, type AnnouncerView, planAnnouncers } from "../../../src/announce/bgp-announcers.ts";
import type { Candidate } from "../../../src/announce/eligibility.ts";
import { endpointRanks } from "../../../src/announce/endpoint-rank.ts";
import { drainedCondition } from "../../../src/api/vip-node.ts";
import { addressKey } from "../../../src/net/address.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { address, clusterNode, vipNode } from "../../support/builders.ts";

/** The nodes of the views below. */
export const names = ["node1", "node2", "node3", "node4"];

/** A node that can announce. */
export function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  return { vipNode: vipNode(name), node: clusterNode(name), liveness: "alive", ...changes };
}

const drained = {
  type: drainedCondition,
  status: "True",
  reason: "Drained",
  message: "",
  lastTransitionTime: "",
} as const;

/** One that is being drained, or has been. */
export function draining(name: string, done = false): Candidate {
  return candidate(name, { vipNode: vipNode(name, { drain: true, conditions: done ? [drained] : [] }) });
}

/** The endpoints of `shop/web`, as `node state`. */
export function endpoints(...texts: readonly string[]): AnnouncerView["ranks"] {
  return endpointRanks([
    {
      service: "shop/web",
      endpoints: texts.map((text) => {
        const [node = "", state] = text.split(" ");
        return { node, ready: state === "ready", servingTerminating: state === "terminating" };
      }),
    },
  ]);
}

/** What is planned with four live nodes and a peer of all of them. */
export function plan(view: Partial<AnnouncerView>): ReadonlyMap<string, Announcers> {
  const candidates = names.map((name) => candidate(name));
  return planAnnouncers({ vips: [], candidates, peers: [peer()], ranks: endpoints(), ...view });
}

/** What is chosen for 203.0.113.7. */
export function chosen(
  vip: Partial<Parameters<typeof routedVip>[1]>,
  view: Partial<AnnouncerView> = {},
): Announcers | undefined {
  return plan({ ...view, vips: [routedVip("203.0.113.7", vip)] }).get(addressKey(address("203.0.113.7")));
}
