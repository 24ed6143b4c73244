import type { Group } from "../api/vip-group.ts";
import { formatAddress, objectName } from "../net/address.ts";
import type { BgpJob } from "./bgp-part.ts";
import type { GroupChange } from "./group-plan.ts";
import type { KeptObject } from "./kept-view.ts";
import type { AgentChange } from "./plan.ts";
import type { StatusChange } from "./status-writer.ts";

/** What an agent has to do. */
export type AgentJob = { readonly keys: readonly string[] } & (
  | { readonly kind: "ask"; readonly change: AgentChange | GroupChange }
  | { readonly kind: "wished"; readonly group: string; readonly uid: string }
  | { readonly kind: "renewed"; readonly atMs: number }
  | { readonly kind: "readEndpoint"; readonly node: string }
  | { readonly kind: "status"; readonly change: StatusChange }
  | { readonly kind: "keep"; readonly view: KeptObject }
  | BgpJob
);

/** The job of asking the speaker for a change. */
export function askJob(change: AgentChange | GroupChange): AgentJob {
  return { kind: "ask", change, keys: ["address" in change ? objectName(change.address) : `group ${change.name}`] };
}

/** After all wishes: the speaker lets go of what is missing only then. `wished`: the uid of each group for which it was told. */
export function wishedJobs(groups: readonly Group[], wished: ReadonlyMap<string, string>): readonly AgentJob[] {
  return groups
    .filter(({ name, uid }) => wished.get(name) !== uid)
    .map(({ name, uid }) => ({ kind: "wished", group: name, uid, keys: [`wished ${name}`] }));
}

/** Telling the speaker of the Lease's last renewal, where a group goes by it and it was told of another. */
export function renewedJob(groups: readonly Group[], atMs: number | undefined, toldMs: number): readonly AgentJob[] {
  if (atMs === undefined || atMs === toldMs || !groups.some(({ byLease }) => byLease)) return [];
  return [{ kind: "renewed", atMs, keys: ["renewed"] }];
}

/** Reading anew where these nodes hear heartbeats. */
export function readJobs(nodes: readonly string[]): readonly AgentJob[] {
  return nodes.map((node) => ({ kind: "readEndpoint", node, keys: [`node ${node}`] }));
}

/** A change for the log. */
export function describedChange(change: AgentChange | GroupChange): object {
  return "address" in change
    ? { ...change, address: formatAddress(change.address) }
    : { kind: change.kind, group: change.name };
}
