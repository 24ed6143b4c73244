import { until } from "./calm-down.ts";
import { type Quiet, quietWorld } from "./quiet.ts";

/** How often anything changed in who answers, and how many heartbeats were sent. */
export type Flapping = { readonly changes: number; readonly heartbeats: number };

/** Lets a group run for so long; at the end it must be as at the beginning, and nothing may have changed in between. */
export async function flapping({ forMs, ...quiet }: Quiet & { readonly forMs: number }): Promise<Flapping> {
  const world = await quietWorld(quiet);
  const { changes, sent } = world;
  await until(world, world.scheduler.nowMs + forMs);
  const [violation] = world.violations;
  if (violation !== undefined) throw new Error(`${violation.invariant}: ${violation.message}`);
  return { changes: world.changes - changes, heartbeats: world.sent.heartbeats - sent.heartbeats };
}
