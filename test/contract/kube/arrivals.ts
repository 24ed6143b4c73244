import type { Arrival } from "./fault-proxy.ts";
import type { Stage } from "./subject.ts";

export const isWatch = ({ watch }: Arrival): boolean => watch;

/** A page of a list of this suite's ConfigMaps, or its only one. */
export const isList = ({ watch, method, url }: Arrival): boolean =>
  !watch && method === "GET" && url.includes("labelSelector");

/** A page after the first. */
export const isNextPage = (arrival: Arrival): boolean => isList(arrival) && arrival.url.includes("continue=");

/** How many such requests have come through the proxy. */
export function count(stage: Stage, match: (arrival: Arrival) => boolean): number {
  return stage.subject.proxy.arrivals.filter(match).length;
}
