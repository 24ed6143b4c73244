import type { Session } from "../../../src/protocols/bgp/session.ts";
import { mutated } from "../../fuzz/mutation.ts";
import { hostileInputs } from "../../unit/protocols/bgp/hostile-inputs.ts";
import { allCaptured } from "../../unit/protocols/bgp/messages.ts";
import type { Random } from "../random.ts";
import type { HeraldNode } from "./herald.ts";
import type { RouterPeering } from "./router.ts";
import type { World } from "./world.ts";

/** Something that befalls a node and a router. */
type Act = (world: World, node: HeraldNode, router: string, peering: RouterPeering) => void;

const change: Act = (world) => {
  world.cluster.change(world.random);
  world.changed();
};

/** The process ends, for an upgrade or because it crashed or lost its machine, and comes again. */
const restart =
  (how: "upgrade" | "crash" | "outage"): Act =>
  (world, node) => {
    if (!node.isUp) return;
    if (how === "upgrade") node.stop({ kind: "upgrade" });
    node.kill(how === "outage");
    world.scheduler.silently(world.random.between(100, 30_000), () => node.boot());
  };

function again(session: Session, nowMs: number): void {
  session.stop({ kind: "configuration" }, nowMs);
  session.start(nowMs);
}

const drain: Act = (world, node) => {
  if (world.cluster.phaseOf(node.name) !== "none") return;
  const phase = (next: "shutting" | "over" | "none", afterMs: number, then: () => void): void => {
    world.scheduler.silently(afterMs, () => {
      world.cluster.shutDown(node.name, next);
      world.changed();
      then();
    });
  };
  phase("shutting", 0, () => {});
  phase("over", 5_000, () => world.scheduler.silently(400, () => node.stop({ kind: "shutdown", text: "drained" })));
  phase("none", world.random.between(10_000, 60_000), () => node.start());
};

/** The router does something wrong for a while. */
const forAWhile =
  (wrong: (peering: RouterPeering) => void, right: (peering: RouterPeering) => void): Act =>
  (world, _, __, peering) => {
    wrong(peering);
    world.scheduler.silently(world.random.between(1_000, 60_000), () => right(peering));
  };

const refuse = (what: "connections" | "opens"): Act =>
  forAWhile(
    (peering) => {
      peering.config.refuses = what;
      peering.drop();
    },
    (peering) => {
      peering.config.refuses = "nothing";
    },
  );

const limit = forAWhile(
  (peering) => {
    peering.config.mostPrefixes = 5;
  },
  (peering) => {
    peering.config.mostPrefixes = Number.POSITIVE_INFINITY;
  },
);

function hostileBytes(random: Random): Uint8Array {
  if (random.chance(0.5)) return random.pick(hostileInputs).bytes;
  return mutated(random.pick(allCaptured), (below) => random.below(below));
}

const acts: readonly (readonly [weight: number, Act])[] = [
  [30, change],
  [8, ({ network }, { name }, router) => network.reset(name, router)],
  [4, (world, { name }, router) => world.network.cut(name, router, world.random.between(100, 200_000))],
  [4, (world, { name }, router) => world.network.stall(router, name, world.random.between(100, 5_000))],
  [4, restart("upgrade")],
  [4, restart("crash")],
  [3, restart("outage")],
  [3, drain],
  [3, (_, node) => node.each(again)],
  [3, (_, node) => node.each((session, nowMs) => session.pathDown(nowMs))],
  [4, (_, __, ___, peering) => peering.drop()],
  [2, (_, __, ___, peering) => peering.drop("administrativeReset")],
  [3, refuse("connections")],
  [3, refuse("opens")],
  [3, (_, __, ___, peering) => peering.restart()],
  [4, (_, __, ___, peering) => peering.refresh()],
  [2, limit],
  [
    3,
    (world, _, __, peering) => {
      peering.config.families = world.random.pick([[4], [6], [4, 6]] as const);
      peering.drop("otherConfigurationChange");
    },
  ],
  [8, ({ random }, _, __, peering) => peering.babble(hostileBytes(random))],
];

/** Has something happen every so often, until a time has gone by. */
export async function befall(world: World, everyMs: number, forMs: number): Promise<void> {
  const { random } = world;
  for (const endMs = world.nowMs + forMs; world.nowMs < endMs; ) {
    const node = random.pick(world.nodes);
    const router = random.pick(world.routers);
    random.weighted(acts)(world, node, router, world.peering(node.name, router));
    await world.run(random.between(1, 2 * everyMs));
  }
}

/** Nothing is wrong from here on, and all had the time to come to rest: two minutes of rest after failures, and a hold time. */
export async function calmDown(world: World): Promise<void> {
  await world.run(60_000);
  for (const peering of world.peerings.values()) {
    peering.config.refuses = "nothing";
    peering.config.mostPrefixes = Number.POSITIVE_INFINITY;
  }
  await world.run(15 * 60_000);
}
