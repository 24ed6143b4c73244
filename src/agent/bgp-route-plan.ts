import type { RouteAttributes } from "../announce/bgp-attributes.ts";
import { prefixKey } from "../announce/bgp-prefix.ts";
import type { PeerRoutes, RoutedVip, RoutingNode } from "../announce/bgp-routes.ts";
import { ineligibility } from "../announce/eligibility.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import type { KnownNode, RoutesWish, RouteWish, RouteWishAttributes } from "./bgp-ports.ts";

/** What else than a drain keeps a node whose agent runs from announcing an address by BGP, as the controller sees it too. */
export function nodeIneligibility(
  node: KnownNode["node"],
  interfaces: readonly NodeInterface[],
): NonNullable<RoutingNode["ineligible"]> {
  const { name } = node;
  // An agent that plans has reported, whatever was written of that.
  const reported = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: "" } as const;
  const vipNode = { name, interfaces, conditions: [reported], drain: false };
  return (vip: RoutedVip) => ineligibility({ vipNode, node, liveness: "alive" }, vip);
}

/** All routes of a session, as the speaker is told them. */
export function routesWish({ peer, routes }: PeerRoutes, serial: number): RoutesWish {
  const made = new Map<RouteAttributes, RouteWishAttributes>();
  const attributesOf = (attributes: RouteAttributes): RouteWishAttributes => {
    const wish = made.get(attributes) ?? wishAttributes(attributes);
    made.set(attributes, wish);
    return wish;
  };
  const wishes = routes.map(({ prefix, attributes }) => ({ prefix, attributes: attributesOf(attributes) }));
  return { kind: "bgpRoutes", name: peer.name, serial, routes: wishes };
}

/** The session itself puts the own AS number into the path once, towards another AS. */
function wishAttributes({
  asPath,
  med,
  localPref,
  communities,
  largeCommunities,
}: RouteAttributes): RouteWishAttributes {
  return {
    prepend: Math.max(0, asPath.length - 1),
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities,
    largeCommunities,
  };
}

/** Whether both name the same routes with the same attributes, in the same order. */
export function sameRoutes(a: readonly RouteWish[], b: readonly RouteWish[]): boolean {
  if (a.length !== b.length) return false;
  const texts = new Map<RouteWishAttributes, string>();
  const textOf = (attributes: RouteWishAttributes): string => {
    const text = texts.get(attributes) ?? JSON.stringify(attributes);
    texts.set(attributes, text);
    return text;
  };
  return a.every(({ prefix, attributes }, i) => {
    const other = b[i];
    return (
      other !== undefined &&
      prefixKey(prefix) === prefixKey(other.prefix) &&
      textOf(attributes) === textOf(other.attributes)
    );
  });
}
