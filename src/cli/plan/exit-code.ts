import type { Report } from "./report.ts";

const nothing = 0;
const changes = 2;
const losses = 3;

/** What the exit codes mean. */
export const exitCodes = {
  [nothing]: "nothing changes",
  [changes]: "something changes, and no Service loses an address",
  [losses]: "a Service loses an address, or moves to another",
};

/** 0 nothing, 2 changes, 3 losses. */
export function exitCodeOf({ services, pools, summary }: Report): number {
  if (summary.loses + summary.moves > 0) return losses;
  return [...services, ...pools].some(({ changed }) => changed) ? changes : nothing;
}
