import { parsePrefix } from "../net/prefix.ts";
import type { Spec } from "./generated/vipgroup-v1beta1.ts";
import { heraldApiVersion, identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed } from "./problem.ts";

/** The nodes that watch each other on one LAN; the addresses of that LAN are spread over them. */
export type Group = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The network that its members share, as text (`192.168.50.0/24`). */
  readonly lan: string;
  /** Node names in the order in which they joined, at most 7. */
  readonly members: readonly string[];
};

/** A VIPGroup as the API server has it. */
export type GroupObject = { readonly metadata: ObjectMeta; readonly spec: Spec };

/** The group that an object describes. */
export function parseGroup({ metadata, spec: { lan, members } }: GroupObject): Parsed<Group> {
  if (parsePrefix(lan) === undefined) return { problems: [{ path: "spec.lan", message: `"${lan}" is no CIDR` }] };
  return { value: { ...identity(metadata), lan, members }, warnings: [] };
}

/** The VIPGroup to create, or, with the uid and resourceVersion that a plan saw, to put in its place. */
export function groupObject(
  { name, lan, members }: Pick<Group, "name" | "lan" | "members">,
  seen?: { readonly uid: string; readonly resourceVersion: string },
): { apiVersion: string; kind: string; metadata: ObjectMeta; spec: Spec } {
  const metadata = { name, ...(seen && { uid: seen.uid, resourceVersion: seen.resourceVersion }) };
  return { apiVersion: heraldApiVersion, kind: "VIPGroup", metadata, spec: { lan, members: [...members] } };
}
