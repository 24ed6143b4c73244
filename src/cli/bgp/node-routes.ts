import { prefixKey, routePrefix } from "../../announce/bgp-prefix.ts";
import { type NodeRoutes, planRoutes, type RoutingNode, type Shutdown } from "../../announce/bgp-routes.ts";
import { maySpeakTo } from "../../announce/bgp-source.ts";
import { type Candidate, ineligibility } from "../../announce/eligibility.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { VipNode } from "../../api/vip-node.ts";
import { addressKey } from "../../net/address.ts";
import type { BgpField, BgpNode } from "./bgp-field.ts";

/** What a node's agent plans to tell its routers, worked out as it does; how far a drain is shows in what it still announces. */
export function routesOf(node: BgpNode, { vips, peers }: BgpField): NodeRoutes {
  const known = { node: node.node, vipNode: node.vipNode };
  const spoken = peers.filter((peer) => maySpeakTo(peer, known));
  return planRoutes({ vips, node: routingNode(node, vips), peers: [...spoken, ...node.own] });
}

function routingNode({ name, node, vipNode, liveness }: BgpNode, vips: readonly Advertisement[]): RoutingNode {
  // Of a drain the shutdown tells, for routes outlast its beginning.
  const known = { name, interfaces: [], conditions: [], ...vipNode, drain: false };
  // Who may not read the Leases believes what agents said.
  const candidate: Candidate = { vipNode: known, node, liveness: liveness === "unknown" ? "alive" : liveness };
  return {
    name,
    labels: node?.labels ?? {},
    shutdown: shutdownOf(vipNode, vips),
    ineligible: (vip) => ineligibility(candidate, vip),
  };
}

function shutdownOf(vipNode: VipNode | undefined, vips: readonly Advertisement[]): Shutdown {
  if (vipNode?.drain !== true) return { phase: "none" };
  const told = toldBy(vipNode);
  const left = vips.filter(({ address }) => told.has(addressKey(address)));
  const announced = left.flatMap((vip) => {
    const { bgp } = vip.announcement;
    return bgp === undefined ? [] : [prefixKey(routePrefix(vip, bgp))];
  });
  return announced.length === 0 ? { phase: "over" } : { phase: "shutting", announced: new Set(announced) };
}

/** The addresses of which a node says that some router was told them, by `addressKey`. */
export function toldBy({ announcing }: Pick<VipNode, "announcing">): ReadonlySet<string> {
  const byBgp = announcing.filter(({ protocol }) => protocol === "BGP");
  return new Set(byBgp.flatMap(({ addresses }) => addresses.map(addressKey)));
}
