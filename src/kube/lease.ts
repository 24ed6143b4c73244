import type { V1Lease } from "@kubernetes/client-node";
import type { ApiClient } from "./api-client.ts";
import { isConflict, isNotFound } from "./api-error.ts";
import type { Json, Live, LiveMeta } from "./resource.ts";
import { LEASES } from "./resources.ts";

/** A Lease as it travels. */
export type Lease = Json<V1Lease>;

/** What Leases ask of the client. */
export type LeaseApi = Pick<ApiClient, "get" | "create" | "replace">;

/** A Lease's name and namespace. */
export type LeaseRef = { readonly namespace: string; readonly name: string };

/** RFC 3339 with six digits, the only form that the API takes for a MicroTime. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace("Z", "000Z");
}

/** The Lease, or undefined if there is none. */
export async function readLease(client: LeaseApi, ref: LeaseRef, call: LeaseCall): Promise<Live<Lease> | undefined> {
  try {
    return await client.get(LEASES, ref, { ...call, retries: 0 });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** How long a call on a Lease may take, and what ends it. */
export type LeaseCall = { readonly signal: AbortSignal; readonly timeoutMs: number };

/**
 * Writes a spec (and annotations, added to those that are there) over the Lease that was read, or creates it if none was.
 * 409 = somebody else wrote since.
 */
export async function writeLease(client: LeaseApi, change: LeaseChange, call: LeaseCall): Promise<Live<Lease>> {
  const { ref, before, spec, annotations } = change;
  if (before === undefined)
    return client.create(LEASES, { metadata: { ...ref, annotations: { ...annotations } }, spec }, call);
  const metadata: LiveMeta = { ...before.metadata, annotations: { ...before.metadata.annotations, ...annotations } };
  return client.replace(LEASES, { ...before, metadata, spec } as Lease, call);
}

/** What `writeLease` shall make of which Lease. */
export type LeaseChange = {
  readonly ref: LeaseRef;
  readonly before: Live<Lease> | undefined;
  readonly spec: NonNullable<Lease["spec"]>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The write met a Lease that is not the one that was read: read it again. */
export function isStale(error: unknown): boolean {
  return isConflict(error) || isNotFound(error);
}
