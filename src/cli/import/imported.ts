import type { Spec as PeerSpec } from "../../api/generated/bgppeer-v1beta1.ts";
import type { Spec } from "../../api/generated/ippool-v1beta1.ts";
import type { Manifest } from "../manifest.ts";
import { fieldsOf, titleOf } from "../manifest.ts";

/** An IPPool to create. */
export type ImportedPool = { readonly name: string; readonly spec: Spec };

/** A BGPPeer to create. */
export type ImportedPeer = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PeerSpec;
};

/** The label of each imported BGPPeer, with its name as the value, by which pools select it. */
export const peerLabel = "herald.dev/peer";

/** Annotations that a Service needs so that Herald treats it as its former system did. */
export type ServiceAnnotations = {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
};

/** What could not be carried over, or is another way from now on: of which object, which field, and what that means. */
export type Note = {
  readonly object: string;
  readonly field: string;
  readonly message: string;
  /** Of what is imported and Herald refuses as it stands. */
  readonly refused?: true;
};

/** Everything that an import gives. */
export type Imported = {
  readonly pools: readonly ImportedPool[];
  /** Absent: none. */
  readonly peers?: readonly ImportedPeer[];
  readonly annotations: readonly ServiceAnnotations[];
  readonly notes: readonly Note[];
};

/** An import of objects as files or a cluster hold them; those of other systems are passed over. */
export type Importer = (objects: readonly Manifest[]) => Imported;

/** What one object became. */
export type Part = { readonly pools?: readonly ImportedPool[]; readonly notes: readonly Note[] };

/** What becomes of another system's BGP where it is not turned into Herald's. */
export const bgpByHand =
  "is not carried over: write a BGPPeer for each router, and announcement.bgp of the pools (docs/bgp.md)";

/** What becomes of a pool whose selection cannot be said: it must not be open to others than before. */
export const pausedInstead =
  "the pool is paused, so that it gives nothing to anybody else; Services that show its addresses keep them";

/** A note about a field of an object. */
export function note(object: Manifest, field: string, message: string): Note {
  return { object: titleOf(object), field, message };
}

/** A note for each field of a map that is none of those that are read; `path` is where the map stands. */
export function unreadFields(object: Manifest, path: string, read: readonly string[]): readonly Note[] {
  const fields = path.split(".").reduce((at: unknown, name) => fieldsOf(at)[name], object as unknown);
  return Object.entries(fieldsOf(fields))
    .filter(([name, value]) => !read.includes(name) && !isEmpty(value))
    .map(([name]) => note(object, `${path}.${name}`, "is not carried over"));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
}
