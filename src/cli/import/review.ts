import { type Pool, type PoolObject, parsePool } from "../../api/ip-pool.ts";
import { overlapProblems } from "../../api/pool-overlap.ts";
import type { Manifest } from "../manifest.ts";
import { formatPath, severityOf } from "../validate/finding.ts";
import { reviewObject } from "../validate/object-review.ts";
import type { Schemas } from "../validate/schema.ts";
import type { Imported, Note } from "./imported.ts";
import { poolManifest } from "./text.ts";

/** What Herald itself would say of the imported pools: what is wrong or odd in them, and which overlap; each pair once. */
export function reviewImported({ pools }: Imported, schemas: Schemas): readonly Note[] {
  const own = pools.flatMap((pool) =>
    (reviewObject(poolManifest(pool) as Manifest, { schemas, pools: new Set() }) ?? []).map(
      ({ code, path, message }) => ({
        object: `pool ${pool.name}`,
        field: formatPath(path),
        message,
        ...(severityOf(code) === "error" && { refused: true as const }),
      }),
    ),
  );
  const parsed = pools.map(({ name, spec }) => parsePool({ metadata: { name }, spec } satisfies PoolObject));
  return [...own, ...overlaps(parsed.flatMap((pool) => ("value" in pool ? [pool.value] : [])))];
}

function overlaps(pools: readonly Pool[]): readonly Note[] {
  return pools.flatMap((pool, i) =>
    overlapProblems(pool, pools.slice(i + 1)).map(({ path, message }) => ({
      object: `pool ${pool.name}`,
      field: path,
      message: `${message}: Herald refuses the second of two such pools, so take the addresses out of one of them`,
      refused: true as const,
    })),
  );
}
