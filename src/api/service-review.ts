import type { Review } from "./pool-review.ts";
import { parseService, type ServiceObject } from "./service.ts";

/** Whether a Service's annotations can be understood; a pool that is not among the known ones is a warning, as it may come later. */
export function reviewService(object: ServiceObject, knownPools: ReadonlySet<string>): Review {
  const { problems, pools = [] } = parseService(object).asks;
  const unknown = pools.filter((name) => !knownPools.has(name));
  return {
    problems,
    warnings: unknown.map((name) => ({
      path: "metadata.annotations",
      message: `there is no pool ${name}; the Service waits until there is one`,
    })),
  };
}
