import { Random } from "../random.ts";
import { type MakeSession, makeSession } from "./herald.ts";
import { befall, calmDown } from "./script.ts";
import { World } from "./world.ts";

/** One run: for how long something happens every so often; `make`: the session, a planted one for a test of the test. */
export type RunOptions = {
  readonly seed: number;
  readonly forMs: number;
  readonly everyMs: number;
  readonly make?: MakeSession;
};

/** At calm a session lasts; the slowest way to it takes two minutes of rest and four of waiting for an OPEN. */
const REST_MS = 5 * 60_000;

/** What is wrong in the end, or was on the way; empty: nothing. */
export async function run({ seed, forMs, everyMs, make = makeSession }: RunOptions): Promise<readonly string[]> {
  const random = new Random(seed);
  const world = new World(random, { nodes: 2 + random.below(3), routers: 1 + random.below(3), make });
  try {
    await befall(world, everyMs, forMs);
    await calmDown(world);
  } catch (error) {
    return [`seed ${seed}, after ${Math.round(world.nowMs)} ms: ${error instanceof Error ? error.message : error}`];
  }
  return atCalm(world).map((what) => `seed ${seed}: ${what}`);
}

/** Every session is Established, and every router knows exactly what is planned, with those attributes. */
export function atCalm(world: World): readonly string[] {
  return world.nodes.flatMap((node) => world.routers.flatMap((router) => differences(world, node, router)));
}

function differences(world: World, node: World["nodes"][number], router: string): readonly string[] {
  const pair = `${node.name} and ${router}`;
  const peering = world.peering(node.name, router);
  if (peering.established === undefined) return [`${pair} have no session: ${node.standing(router)}`];
  if (world.nowMs - peering.sinceMs < REST_MS) return [`${pair} are not at rest: ${node.standing(router)}`];
  const wanted = world.wanted(node, router).filter((route) => isOf(peering.families, route));
  const known = new Set(peering.rib.routes);
  return [
    ...wanted.filter((route) => !known.has(route)).map((route) => `${pair}: missing ${route}`),
    ...[...known].filter((route) => !wanted.includes(route)).map((route) => `${pair}: not planned ${route}`),
  ];
}

function isOf(families: readonly (4 | 6)[], route: string): boolean {
  const [prefix = ""] = route.split(" ");
  return families.includes(prefix.includes(":") ? 6 : 4);
}
