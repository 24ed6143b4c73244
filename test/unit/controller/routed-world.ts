import assert from "node:assert/strict";
import type { Announcement } from "../../../src/api/announcement.ts";
import { type BgpAnnouncement, defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { NodeBgpSession } from "../../../src/api/vip-node.ts";
import type { Address } from "../../../src/net/address.ts";
import { peer } from "../../support/bgp-builders.ts";
import { pool, service } from "../../support/builders.ts";
import { World } from "../../support/controller-world.ts";

export const names = ["node1", "node2", "node3"];

/** What a node says of a session that was lost. */
export const fallen = { state: "Active", message: "hold timer expired" } as const;

/** The Service of the worlds below. */
export const key = "shop/web";
export const byBgp = (changes: Partial<BgpAnnouncement> = {}): Announcement => ({ bgp: { ...defaultBgp, ...changes } });
export const two = { nodes: { count: 2 } };

type Setting = Parameters<typeof service>[0] & {
  readonly pool?: Parameters<typeof pool>[0];
  readonly options?: ConstructorParameters<typeof World>[0];
};

/** Three nodes, the router `tor`, a pool that is announced so, and the Service `shop/web`. */
export async function world(
  announcement: Announcement,
  { pool: poolChanges, options, ...changes }: Setting = {},
): Promise<World> {
  const made = new World(options);
  for (const i of [1, 2, 3]) made.addNode(`node${i}`, 10 + i);
  const given = pool({ announcement, ...poolChanges });
  made.pools.put("public", given);
  made.peers.put("tor", peer({ uid: "uid-tor" }));
  made.services.put(key, service({ key, ...changes }));
  await made.settle();
  return made;
}

/** An established session with `tor`. */
function session(changes: Partial<NodeBgpSession> = {}): NodeBgpSession {
  return { peer: "tor", state: "Established", since: "", message: "", announced: 1, ...changes };
}

/** The nodes say what an agent says whose session is established: that it told the router of all that it shall. */
export async function route(made: World, nodes: readonly string[]): Promise<void> {
  for (const { name } of made.vipNodes.values()) {
    const vipNode = made.vipNodes.get(name);
    if (vipNode === undefined) continue;
    const all: readonly Address[] = made.advertisements
      .values()
      .filter(({ announcement, announcers }) => announcement.bgp && announcers?.includes(name) !== false)
      .map(({ address }) => address);
    const up = nodes.includes(name);
    const told = up ? [{ protocol: "BGP", interface: "", addresses: all } as const] : [];
    const others = vipNode.announcing.filter(({ protocol }) => protocol !== "BGP");
    const bgp = [session(up ? {} : { state: "Active", message: "connection refused" })];
    made.vipNodes.put(name, { ...vipNode, bgp, announcing: [...others, ...told] });
  }
  await made.settle();
  made.nowMs += 10_000;
  await made.settle();
}

/** The first claim, and what the Service says. */
export function seen(made: World) {
  const [advertisement] = made.advertisements.values();
  const web = made.services.get(key);
  assert.ok(advertisement && web);
  const said = web.conditions.find(({ type }) => type === "herald.dev/Announced");
  const allocated = web.conditions.find(({ type }) => type === "herald.dev/Allocated");
  return { advertisement, shown: web.ingress.map(({ ip }) => ip), said, allocated };
}

/** A node says so of its session. */
export function reports(made: World, name: string, said: Partial<NodeBgpSession>): void {
  const node = made.vipNodes.get(name);
  assert.ok(node);
  made.vipNodes.put(name, { ...node, bgp: [session(said)] });
}
