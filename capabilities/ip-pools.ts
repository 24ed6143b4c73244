import { Capability } from "pepr";
import { IPPool } from "../src/api/generated/ippool-v1beta1.ts";
import type { PoolObject } from "../src/api/ip-pool.ts";
import { reviewPoolDeletion } from "../src/api/pool-deletion.ts";
import { type Review, reviewPool } from "../src/api/pool-review.ts";
import { answerOwn } from "./answer.ts";
import { clusterNetworks, listPools } from "./cluster.ts";
import { listAdvertisements, warningsOfEdit } from "./forecast.ts";

/** Refuses IPPools that cannot work or overlap another one, and deleting one of which Services hold addresses; warns of what an edit leads to. */
export const ipPools = new Capability({
  name: "ip-pools",
  description: "IPPools are valid, do not overlap, and are not deleted under Services that hold their addresses",
  namespaces: [],
});

ipPools
  .When(IPPool)
  .IsCreatedOrUpdated()
  .Validate((request) =>
    answerOwn(request, "IPPool", async () => {
      const pool = request.Raw as unknown as PoolObject;
      const before = (request.OldResource ?? undefined) as PoolObject | undefined;
      const [review, foreseen] = await Promise.all([reviewed(pool, before), warningsOfEdit(pool)]);
      return { ...review, warnings: [...review.warnings, ...foreseen] };
    }),
  );

ipPools
  .When(IPPool)
  .IsDeleted()
  .Validate((request) =>
    answerOwn(request, "IPPool", async () =>
      reviewPoolDeletion(request.Raw as unknown as PoolObject, await listAdvertisements()),
    ),
  );

async function reviewed(pool: PoolObject, before: PoolObject | undefined): Promise<Review> {
  const [pools, networks] = await Promise.all([listPools(), clusterNetworks()]);
  return reviewPool(pool, { before, pools, ...networks });
}
