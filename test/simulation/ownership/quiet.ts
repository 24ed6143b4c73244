import { Trace } from "../trace.ts";
import { until } from "./calm-down.ts";
import { intervalMs } from "./run.ts";
import { World } from "./world/world.ts";

/** A group in which nothing happens but the loss of packets. */
export type Quiet = { readonly seed: number; readonly members: number; readonly loss: number };

const settledMs = 4_000;

/** Such a group, once each address has its holder. */
export async function quietWorld({ seed, members, loss }: Quiet): Promise<World> {
  const witness = members % 2 === 0;
  const variant = {
    members,
    machines: members,
    witness,
    withoutQuorum: "Keep",
    forcing: false,
    leaseMs: 30_000,
  } as const;
  const world = new World({ seed, variant, steps: [] }, new Trace(false), {
    intervalMs,
    withoutQuorum: "Keep",
    rules: undefined,
  });
  await until(world, settledMs);
  world.lan.setBase({ loss, delayMs: 0.3, duplicate: 0 });
  return world;
}
