import { parentPort, workerData } from "node:worker_threads";
import { type Campaign, campaign } from "./campaign.ts";

parentPort?.postMessage(await campaign(workerData as Campaign));
