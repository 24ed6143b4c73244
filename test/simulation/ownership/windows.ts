import { Random } from "../random.ts";
import { until } from "./calm-down.ts";
import { type Quiet, quietWorld } from "./quiet.ts";

const watchedMs = 3_000;

/** Cuts the port of one machine; how long (ms) nobody answered on the LAN for each address that it held. */
export async function portCut(quiet: Quiet): Promise<readonly number[]> {
  const world = await quietWorld(quiet);
  const { scheduler, lan, machines, addresses } = world;
  await until(world, scheduler.nowMs + new Random(quiet.seed).between(200, 1_200));
  const lost = quiet.seed % quiet.members;
  const cutMs = scheduler.nowMs;
  const orphans = [...addresses.keys()].filter((address) => machines[lost]?.answers(address));
  lan.befall({ act: "port", node: lost, forMs: 60_000 });
  const begun = new Map<number, number>();
  while (scheduler.nowMs < cutMs + watchedMs && begun.size < orphans.length) {
    await until(world, scheduler.nowMs + 1);
    const [violation] = world.violations;
    if (violation !== undefined) throw new Error(`${violation.invariant}: ${violation.message}`);
    for (const address of orphans) {
      const taken = machines.some((machine) => machine.index !== lost && machine.answers(address));
      if (taken && !begun.has(address)) begun.set(address, scheduler.nowMs - cutMs);
    }
  }
  return orphans.map((address) => begun.get(address) ?? Number.POSITIVE_INFINITY);
}
