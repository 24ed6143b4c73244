import { parsePrefix } from "../net/prefix.ts";
import type { Spec } from "./generated/vipgroup-v1beta1.ts";
import { heraldApiVersion, identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed } from "./problem.ts";

/** The nodes that hear each other on one LAN and vote for its addresses: the list by which they vote. */
export type Group = GroupSpec & {
  readonly uid: string;
  readonly resourceVersion: string;
  /** `metadata.generation`: grows with each change of the list. */
  readonly epoch: number;
};

/** What a VIPGroup says. */
export type GroupSpec = {
  readonly name: string;
  /** The network that its members share, as text (`192.168.50.0/24`). */
  readonly lan: string;
  /** Node names in the order in which they joined, at most 7. */
  readonly members: readonly string[];
  /** The Lease `herald-witness-<name>` is one more voter. */
  readonly witness: boolean;
  /** Members were left out because fewer than half of them lived: who hears of it stops at once. Never with a witness. */
  readonly forced: boolean;
  /** A group of one whose node never heard the others of its LAN: it holds by its Lease. */
  readonly byLease: boolean;
};

/** The most members that a group may have. */
export const largestGroup = 7;

/** A VIPGroup as the API server has it. */
export type GroupObject = { readonly metadata: ObjectMeta; readonly spec: Spec };

/** The group that an object describes. */
export function parseGroup({ metadata, spec }: GroupObject): Parsed<Group> {
  const { lan, members, witness = false, forced = false, byLease = false } = spec;
  if (parsePrefix(lan) === undefined) return { problems: [{ path: "spec.lan", message: `"${lan}" is no CIDR` }] };
  const epoch = metadata.generation ?? 0;
  return { value: { ...identity(metadata), epoch, lan, members, witness, forced, byLease }, warnings: [] };
}

/** The VIPGroup to create, or, with the uid and resourceVersion that a plan saw, to put in its place. */
export function groupObject(
  { name, members, ...spec }: GroupSpec,
  seen?: { readonly uid: string; readonly resourceVersion: string },
): { apiVersion: string; kind: string; metadata: ObjectMeta; spec: Spec } {
  const metadata = { name, ...(seen && { uid: seen.uid, resourceVersion: seen.resourceVersion }) };
  const { lan, witness, forced, byLease } = spec;
  const list = { lan, members: [...members], witness, forced, byLease };
  return { apiVersion: heraldApiVersion, kind: "VIPGroup", metadata, spec: list };
}
