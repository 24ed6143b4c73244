import type { ServiceRef } from "../api/vip-advertisement.ts";
import type { Departure, Unverified } from "../ipam/change.ts";
import { objectName } from "../net/address.ts";
import type { JobResult } from "../runtime/loop.ts";
import type { Action, Claim, SeenServices } from "./change.ts";
import type { ClusterWrites } from "./ports.ts";

type Of<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

/**
 * Does what one change says, and decides nothing. Each may be repeated; "stale": somebody wrote meanwhile, plan again.
 * @throws whatever else the cluster throws
 */
export function applyAction(action: Action, cluster: ClusterWrites): Promise<JobResult> {
  switch (action.kind) {
    case "allocate":
      return ifVerified(action.unverified, cluster, () => allocate(action, cluster));
    case "release":
      return release(action, cluster);
    case "forget":
      return cluster.deleteAdvertisement(action.advertisement);
    case "replaceAdvertisement":
      return cluster.replaceAdvertisement(action.advertisement, action.spec);
    case "writeAdvertisementStatus":
      return cluster.writeAdvertisementStatus(action.advertisement, action.status);
    case "writeServiceFields":
      return ifVerified(action.unverified, cluster, () => cluster.patchServiceFields(action.service, action.fields));
    case "writeServiceStatus":
      return ifVerified(action.unverified, cluster, () => cluster.patchServiceStatus(action.service, action.patch));
    case "writePoolStatus":
      return cluster.writePoolStatus(action.pool, action.status);
    case "writePeerStatus":
      return cluster.writePeerStatus(action.peer, action.status);
    case "createGroup":
      return cluster.createGroup(action.group);
    case "replaceGroup":
      return cluster.replaceGroup(action.before, action.group);
    case "deleteGroup":
      return cluster.deleteGroup(action.group);
    case "writeWitness":
      return cluster.writeWitness(action.witness, action.before);
    case "deleteWitness":
      return cluster.deleteWitness(action.before);
    case "createVipNode":
      return cluster.createVipNode(action.node);
    case "deleteVipNode":
      return cluster.deleteVipNode(action.vipNode);
  }
}

/** Does it if these advertisements are as they were seen, or not there as it seemed; if not, the view knows it by then. */
async function ifVerified(
  unverified: readonly Unverified[],
  cluster: ClusterWrites,
  write: () => Promise<JobResult>,
): Promise<JobResult> {
  for (const { address, resourceVersion } of unverified) {
    const now = await cluster.readAdvertisement(objectName(address));
    if (now?.resourceVersion !== resourceVersion) return "stale";
  }
  return write();
}

/** Claims first, each to its end: the fields of a Service never name an address that the ledger does not hold for it. */
async function allocate({ service, claims, fields, seen }: Of<"allocate">, cluster: ClusterWrites): Promise<JobResult> {
  const results = await Promise.allSettled(claims.map((each) => claim(each, seen, cluster)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  if (results.some((result) => result.status === "fulfilled" && result.value === "stale")) return "stale";
  return fields === undefined ? "done" : cluster.patchServiceFields(service, fields);
}

async function claim({ spec, before, left }: Claim, seen: SeenServices, cluster: ClusterWrites): Promise<JobResult> {
  if (before === undefined) return cluster.createAdvertisement(spec);
  return (await allConfirmed(left, seen, cluster)) ? cluster.replaceAdvertisement(before, spec) : "stale";
}

async function release({ advertisement, spec, left, seen }: Of<"release">, cluster: ClusterWrites): Promise<JobResult> {
  if (!(await allConfirmed(left, seen, cluster))) return "stale";
  const replaced = await cluster.replaceAdvertisement(advertisement, spec);
  if (replaced === "stale" || spec.services.length > 0 || spec.released !== undefined) return replaced;
  const emptied = cluster.seenAdvertisement(advertisement.name);
  return emptied === undefined || emptied.services.length > 0 ? "stale" : cluster.deleteAdvertisement(emptied);
}

/** Nothing is taken from a Service before the API server's quorum has confirmed that it is as the plan saw it. */
async function allConfirmed(left: readonly Departure[], seen: SeenServices, cluster: ClusterWrites): Promise<boolean> {
  for (const { member } of left) if (!(await confirmed(member, seen, cluster))) return false;
  return true;
}

async function confirmed(
  { namespace, name }: ServiceRef,
  seen: SeenServices,
  cluster: ClusterWrites,
): Promise<boolean> {
  const now = await cluster.readService(namespace, name);
  const then = seen.get(`${namespace}/${name}`);
  return now?.uid === then?.uid && now?.resourceVersion === then?.resourceVersion;
}
