import type { ServiceRef } from "../api/vip-advertisement.ts";
import type { JobResult } from "../runtime/loop.ts";
import type { Action } from "./change.ts";
import { specOf } from "./placements.ts";
import type { ClusterWrites } from "./ports.ts";

type Of<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

/**
 * Does what one change says, and decides nothing. Each may be repeated; "stale": somebody wrote meanwhile, plan again.
 * @throws whatever else the cluster throws
 */
export function applyAction(action: Action, cluster: ClusterWrites): Promise<JobResult> {
  switch (action.kind) {
    case "allocate":
      return allocate(action, cluster);
    case "release":
      return release(action, cluster);
    case "forget":
      return cluster.deleteAdvertisement(action.advertisement);
    case "replaceAdvertisement":
      return cluster.replaceAdvertisement(action.advertisement, action.spec);
    case "writeAdvertisementStatus":
      return cluster.writeAdvertisementStatus(action.advertisement, action.status);
    case "writeServiceFields":
      return cluster.patchServiceFields(action.service, action.fields);
    case "writeServiceStatus":
      return cluster.patchServiceStatus(action.service, action.patch);
    case "writePoolStatus":
      return cluster.writePoolStatus(action.pool, action.status);
    case "createGroup":
      return cluster.createGroup(action.group);
    case "replaceGroup":
      return cluster.replaceGroup(action.before, action.group);
    case "deleteGroup":
      return cluster.deleteGroup(action.group);
    case "createVipNode":
      return cluster.createVipNode(action.node);
    case "deleteVipNode":
      return cluster.deleteVipNode(action.vipNode);
  }
}

/** Claims first, each to its end: the fields of a Service never name an address that the ledger does not hold for it. */
async function allocate({ service, claims, fields }: Of<"allocate">, cluster: ClusterWrites): Promise<JobResult> {
  const results = await Promise.allSettled(claims.map((spec) => cluster.createAdvertisement(spec)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  if (results.some((result) => result.status === "fulfilled" && result.value === "stale")) return "stale";
  return fields === undefined ? "done" : cluster.patchServiceFields(service, fields);
}

/** Nothing is taken from a Service before the API server's quorum has confirmed that it is as the plan saw it. */
async function release({ advertisement, seen }: Of<"release">, cluster: ClusterWrites): Promise<JobResult> {
  for (const holder of advertisement.services) {
    if (!(await confirmed(holder, seen, cluster))) return "stale";
  }
  const emptied = await cluster.replaceAdvertisement(advertisement, { ...specOf(advertisement), services: [] });
  const released = emptied === "done" ? cluster.seenAdvertisement(advertisement.name) : undefined;
  return released === undefined || released.services.length > 0 ? "stale" : cluster.deleteAdvertisement(released);
}

async function confirmed(
  { namespace, name }: ServiceRef,
  seen: Of<"release">["seen"],
  cluster: ClusterWrites,
): Promise<boolean> {
  const now = await cluster.readService(namespace, name);
  const then = seen.get(`${namespace}/${name}`);
  return now?.uid === then?.uid && now?.resourceVersion === then?.resourceVersion;
}
