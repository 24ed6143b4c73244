import assert from "node:assert/strict";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { Placeable } from "../../../src/announce/field.ts";
import { type Placement, type PlacementView, planPlacements } from "../../../src/announce/placement.ts";
import { addressKey } from "../../../src/net/address.ts";
import { advertisement, clusterNode, group, service, vipNode } from "../../support/builders.ts";

/** The nodes of the views below. */
export const names = ["node1", "node2", "node3"];
/** The group of all of them. */
export const theGroup = "192-168-50-0-24-1";

/** What is otherwise; `live` by node. */
export type Changes = Partial<PlacementView> & { readonly live?: Readonly<Record<string, Liveness>> };

/** Three live nodes on one LAN with these addresses. */
export function view(addresses: readonly Placeable[], { live = {}, ...changes }: Changes = {}): PlacementView {
  const liveness = new Map(names.map((name): [string, Liveness] => [name, live[name] ?? "alive"]));
  return {
    addresses,
    vipNodes: names.map((name) => vipNode(name)),
    nodes: names.map((name) => clusterNode(name)),
    liveness,
    groups: [group(names)],
    endpointSlices: [],
    ...changes,
  };
}

/** An address that is placed nowhere yet. */
export const vip = (host: number, changes: Partial<Placeable> = {}): Placeable => ({
  ...advertisement(`192.168.50.${host}`, { owner: service() }),
  ...changes,
});

/** So many of them. */
export const vips = (count: number, changes: Partial<Placeable> = {}): readonly Placeable[] =>
  Array.from({ length: count }, (_, i) => vip(100 + i, changes));

/** An address that is on this node. */
export const placed = (host: number, node: string): Placeable => vip(host, { node, group: theGroup });

/** Where it goes. */
export function of(placeable: Placeable, placements: ReadonlyMap<string, Placement>): Placement {
  const placement = placements.get(addressKey(placeable.address));
  assert.ok(placement);
  return placement;
}

/** Where the only address goes. */
export const placeOne = (placeable: Placeable, changes: Changes = {}): Placement =>
  of(placeable, planPlacements(view([placeable], changes)));
