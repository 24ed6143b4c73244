import { type PoolObject, parsePool } from "../../api/ip-pool.ts";
import { reviewPoolDeletion } from "../../api/pool-deletion.ts";
import { reviewPool } from "../../api/pool-review.ts";
import type { ClusterObjects } from "../../controller/cluster-objects.ts";
import type { Finding } from "../validate/finding.ts";
import { type ObjectRef, refText } from "./edit.ts";
import { findingAt, type WrittenPut } from "./manifest-files.ts";

/** What admission would refuse of the pools in the files, compared with all pools as they are after the edit. */
export function refusedPools(
  puts: readonly WrittenPut[],
  before: ClusterObjects,
  after: ClusterObjects,
): readonly Finding[] {
  return puts.flatMap((put) => {
    const named = ({ metadata }: PoolObject): boolean => put.kind === "IPPool" && metadata.name === put.name;
    const pool = after.pools.find(named);
    if (pool === undefined) return [];
    const { problems } = reviewPool(pool, {
      before: before.pools.find(named),
      pools: readable(after.pools),
      networks: [],
    });
    return problems.map(({ path, message }) => findingAt(put, { code: "PoolsOverlap", path, message }));
  });
}

function readable(pools: readonly PoolObject[]): readonly PoolObject[] {
  return pools.filter((pool) => "value" in parsePool(pool));
}

/** Why not all of these can be deleted: one is not there, or admission would refuse it; empty if they can. */
export function refusedDeletions(deletions: readonly ObjectRef[], before: ClusterObjects): readonly string[] {
  const lists = { IPPool: before.pools, Namespace: before.namespaces, Service: before.services };
  return deletions.flatMap((ref) => {
    const isIt = ({ metadata: { namespace = "", name } }: PoolObject | { readonly metadata: PoolObject["metadata"] }) =>
      namespace === ref.namespace && name === ref.name;
    if (!lists[ref.kind].some(isIt)) return [`${refText(ref)}: there is none`];
    const pool = ref.kind === "IPPool" ? before.pools.find(isIt) : undefined;
    if (pool === undefined) return [];
    return reviewPoolDeletion(pool, before.advertisements).problems.map(
      ({ path, message }) => `${refText(ref)}: ${path}: ${message}`,
    );
  });
}
