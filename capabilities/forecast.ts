import type { PoolObject } from "../src/api/ip-pool.ts";
import type { Problem } from "../src/api/problem.ts";
import type { AdvertisementObject } from "../src/api/vip-advertisement.ts";
import { poolEditWarnings } from "../src/controller/forecast-warnings.ts";
import { listAll, listCluster } from "../src/controller/kube/list-cluster.ts";
import { ADVERTISEMENTS } from "../src/controller/kube/resources.ts";
import { ApiClient } from "../src/kube/api-client.ts";
import { openConnection } from "../src/kube/connection.ts";
import { inTime } from "./in-time.ts";

let opened: Promise<ApiClient> | undefined;

/** One client for all reviews: whole clusters are read, page by page, on connections that stay open. */
function client(): Promise<ApiClient> {
  opened ??= openConnection(undefined, { userAgent: "herald-admission" }).then(
    (connection) => new ApiClient(connection),
  );
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

/** The API server waits 5 s for the whole answer. */
const longestReadMs = 4_000;
const longestForecastMs = 3_000;

/** All VIPAdvertisements, read from the API server. @throws {Error} if that takes more than 4 s */
export async function listAdvertisements(): Promise<readonly AdvertisementObject[]> {
  return listAll(await client(), ADVERTISEMENTS, { signal: AbortSignal.timeout(longestReadMs) });
}

/** How the controller runs unless it is told otherwise. */
const defaults = { defaultClass: true, allowForeignAddresses: false, writeLoadBalancerIP: true, observe: false };

/** What writing this pool would lead to; nothing if that cannot be worked out within 3 s. */
export function warningsOfEdit(pool: PoolObject): Promise<readonly Problem[]> {
  return inTime(longestForecastMs, [], async (signal) => {
    const objects = await listCluster(await client(), signal);
    return poolEditWarnings(objects, pool, { ...defaults, nowMs: Date.now() });
  });
}
