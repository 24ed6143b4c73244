import { type BgpPeer, parsePeer } from "../../api/bgp-peer.ts";
import { sameSessions } from "../../api/bgp-peer-review.ts";
import { type Pool, type PoolObject, parsePool } from "../../api/ip-pool.ts";
import { overlapProblems } from "../../api/pool-overlap.ts";
import type { Manifest } from "../manifest.ts";
import { formatPath, severityOf } from "../validate/finding.ts";
import { reviewObject } from "../validate/object-review.ts";
import type { Schemas } from "../validate/schema.ts";
import type { Imported, Note } from "./imported.ts";
import { peerManifest, poolManifest } from "./text.ts";

/** What Herald itself would say of the imported pools and peers: what is wrong or odd in them, and which overlap; each pair once. */
export function reviewImported({ pools, peers = [] }: Imported, schemas: Schemas): readonly Note[] {
  const labels = peers.map((peer) => peer.labels);
  const review = (object: string, manifest: object): readonly Note[] =>
    (reviewObject(manifest as Manifest, { schemas, pools: new Set(), peers: labels }) ?? []).map(
      ({ code, path, message }) => ({
        ...{ object, field: formatPath(path), message },
        ...(severityOf(code) === "error" && { refused: true as const }),
      }),
    );
  const own = [
    ...pools.flatMap((pool) => review(`pool ${pool.name}`, poolManifest(pool))),
    ...peers.flatMap((peer) => review(`peer ${peer.name}`, peerManifest(peer))),
  ];
  const parsed = pools.map(({ name, spec }) => parsePool({ metadata: { name }, spec } satisfies PoolObject));
  const routers = peers.map(({ name, spec }) => parsePeer({ metadata: { name }, spec }));
  return [
    ...own,
    ...overlaps(parsed.flatMap((pool) => ("value" in pool ? [pool.value] : []))),
    ...twins(routers.flatMap((peer) => ("value" in peer ? [peer.value] : []))),
  ];
}

function twins(peers: readonly BgpPeer[]): readonly Note[] {
  return peers.flatMap((peer, i) =>
    sameSessions(peer, peers.slice(i + 1), []).map(({ path, message }) => ({
      object: `peer ${peer.name}`,
      field: path,
      message: `${message}: Herald refuses the second of two such peers`,
      refused: true as const,
    })),
  );
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
