/**
 * Runs beside the API server: `node driver-burst.ts '<JSON of BurstOrder>'`. Makes many Services at once and prints
 * BurstAnswer as JSON when the last one has an address.
 */
import {
  createAndPatch,
  createService,
  eachOf,
  nowMs,
  openKubeconfig,
  serveByHand,
  watchServices,
} from "./bare-client.ts";
import { bareClass } from "./objects.ts";

export type BurstOrder = {
  readonly admin: string;
  /** Whose claims are admitted. */
  readonly writer: string;
  readonly n: number;
  readonly workers: number;
  readonly prefix: string;
  /** `create`: one status patch each; `by-hand`: Herald's writes by this client; `herald`: nothing, Herald serves. */
  readonly served: "create" | "by-hand" | "herald";
};

/** In ms: from the first create until the last create and the last address, and for each Service. */
export type BurstAnswer = {
  readonly createdMs: number;
  readonly lastMs: number;
  readonly eachMs: readonly number[];
};

const withinMs = 300_000;

const order = JSON.parse(process.argv[2] ?? "") as BurstOrder;
const user = openKubeconfig(order.admin);
const writer = openKubeconfig(order.writer);
const sightings = await watchServices(user);
const begunMs = new Map<string, number>();
const startMs = nowMs();
await eachOf(order.n, order.workers, one);
const createdMs = nowMs() - startMs;
const lastMs = (await sightings.served(order.n, withinMs)) - startMs;
const eachMs = [...begunMs].map(([name, atMs]) => (sightings.servedMs.get(name) ?? Number.NaN) - atMs);
sightings.close();
await Promise.all([user.close(), writer.close()]);
process.stdout.write(JSON.stringify({ createdMs, lastMs, eachMs } satisfies BurstAnswer));

async function one(i: number): Promise<void> {
  const name = `${order.prefix}-${i}`;
  begunMs.set(name, nowMs());
  switch (order.served) {
    case "create":
      return createAndPatch(user, { name, loadBalancerClass: bareClass }, i);
    case "by-hand":
      return serveByHand(writer, await createService(user, { name, loadBalancerClass: bareClass }), i, {
        claimStatus: true,
      });
    case "herald":
      await createService(user, { name });
  }
}
