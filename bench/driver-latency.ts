/**
 * Runs beside the API server: `node driver-latency.ts '<JSON of LatencyOrder>'`. Makes Services one by one on an idle
 * cluster and prints LatencyAnswer as JSON.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createService, nowMs, openKubeconfig, removeServices, serveByHand, watchServices } from "./bare-client.ts";
import { bareClass, type ServiceWish } from "./objects.ts";

export type LatencyOrder = {
  readonly admin: string;
  /** Whose claims are admitted; given: this client serves the Services itself, Herald's controller does not run. */
  readonly writer?: string;
  readonly check?: "Off" | "Routed";
  readonly prefix: string;
  readonly n: number;
};

/** All on the clock of `nowMs`. */
export type LatencySample = {
  readonly name: string;
  readonly ip: string;
  readonly startMs: number;
  /** The Service came by a watch, first without and then with an address. */
  readonly seenMs: number;
  readonly servedMs: number;
};
export type LatencyAnswer = { readonly samples: readonly LatencySample[] };

const warmUp = 5;
/** Until what Herald writes after the status has ended too. */
const restMs = 150;

const order = JSON.parse(process.argv[2] ?? "") as LatencyOrder;
const user = openKubeconfig(order.admin);
const writer = order.writer === undefined ? undefined : openKubeconfig(order.writer);
const sightings = await watchServices(user);
const samples: LatencySample[] = [];
for (let i = 0; i < order.n + warmUp; i++) {
  const sample = await one(`${order.prefix}-${i}`, i);
  if (i >= warmUp) samples.push(sample);
  await sleep(restMs);
}
sightings.close();
await removeServices(user);
await Promise.all([user.close(), writer?.close()]);
process.stdout.write(JSON.stringify({ samples } satisfies LatencyAnswer));

async function one(name: string, i: number): Promise<LatencySample> {
  const wish: ServiceWish = {
    name,
    ...(order.check && { check: order.check }),
    ...(writer && { loadBalancerClass: bareClass }),
  };
  const startMs = nowMs();
  const service = await createService(user, wish);
  if (writer !== undefined) {
    await serveByHand(writer, service, i, { claimStatus: false });
    const doneMs = nowMs();
    const seenMs = await sightings.sight(name, "seen");
    return { name, ip: "", startMs, seenMs, servedMs: doneMs };
  }
  const servedMs = await sightings.sight(name, "served");
  const seenMs = await sightings.sight(name, "seen");
  return { name, ip: sightings.address(name), startMs, seenMs, servedMs };
}
