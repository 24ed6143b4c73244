import { Capability } from "pepr";
import { IPPool } from "../src/api/generated/ippool-v1beta1.ts";
import type { PoolObject } from "../src/api/ip-pool.ts";
import { reviewPool } from "../src/api/pool-review.ts";
import { answerPool } from "./answer.ts";
import { clusterNetworks, listPools } from "./cluster.ts";

/** Refuses IPPools that cannot work or overlap another one. */
export const ipPools = new Capability({
  name: "ip-pools",
  description: "IPPools are valid and do not overlap",
  namespaces: [],
});

ipPools
  .When(IPPool)
  .IsCreatedOrUpdated()
  .Validate((request) =>
    answerPool(request, async () =>
      reviewPool(request.Raw as unknown as PoolObject, {
        before: (request.OldResource ?? undefined) as PoolObject | undefined,
        pools: await listPools(),
        ...(await clusterNetworks()),
      }),
    ),
  );
