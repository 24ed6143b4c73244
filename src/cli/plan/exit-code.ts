import { type Report, showsAChange } from "./report.ts";

/** 0: nothing changes; 2: something that the tables show does; 3: a Service loses an address, or moves to another. */
export function exitCodeOf({ services, pools, summary }: Report): number {
  if (summary.loses + summary.moves > 0) return 3;
  return services.some(({ changed }) => changed) || pools.some(showsAChange) ? 2 : 0;
}
