/**
 * Runs beside the API server: `node driver-waiting.ts '<JSON of WaitingOrder>'`. `fill` makes Services that nobody serves
 * yet; `await` prints `watching`, then, once all have an address, WaitingAnswer as JSON.
 */
import { createService, eachOf, openKubeconfig, watchServices } from "./bare-client.ts";
import { clusterAddress } from "./objects.ts";

export type WaitingOrder = { readonly admin: string; readonly step: "fill" | "await"; readonly n: number };

/** On the clock of `nowMs`. */
export type WaitingAnswer = { readonly firstMs: number; readonly lastMs: number };

const workers = 16;
const withinMs = 600_000;

const { admin, step, n } = JSON.parse(process.argv[2] ?? "") as WaitingOrder;
const user = openKubeconfig(admin);
if (step === "fill") {
  await eachOf(n, workers, (i) => createService(user, { name: `waiting-${i}`, clusterIP: clusterAddress(i) }));
} else {
  const sightings = await watchServices(user);
  process.stdout.write("watching\n");
  const lastMs = await sightings.served(n, withinMs);
  const firstMs = Math.min(...sightings.servedMs.values());
  sightings.close();
  process.stdout.write(JSON.stringify({ firstMs, lastMs } satisfies WaitingAnswer));
}
await user.close();
