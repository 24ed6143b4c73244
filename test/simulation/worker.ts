import { parentPort, workerData } from "node:worker_threads";
import { type Campaign, campaign } from "./campaign.ts";

await campaign(workerData as Campaign, (failure) => parentPort?.postMessage(failure));
