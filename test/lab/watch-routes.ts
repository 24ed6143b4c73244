/**
 * Runs on a host: `node watch-routes.ts`. Prints `watching`, then a line of JSON for each change of a unicast route of the kernel's
 * main table, until it is ended.
 */

import { decodeAttributes, type NetlinkMessage } from "../../src/linux/netlink-codec.ts";
import { eventGroup, watchNetlink } from "../../src/linux/netlink-socket.ts";
import { decodeNextHops, messageType } from "../../src/linux/rtnetlink.ts";
import { addressFromBytes, formatAddress } from "../../src/net/address.ts";
import { monotonicMs } from "./monotonic.ts";

/** What became of a route: the routers that it leads to now, none: it is gone; on the clock of `monotonicMs`. */
export type RouteSight = { readonly atMs: number; readonly prefix: string; readonly gateways: readonly string[] };

const RTMSG_LENGTH = 12;
const RTA_DST = 1;
const printEveryMs = 20;

function sightOf({ type, payload }: NetlinkMessage, atMs: number): RouteSight | undefined {
  const destination = decodeAttributes(payload, RTMSG_LENGTH).get(RTA_DST);
  const address = destination && addressFromBytes(destination);
  const hops = decodeNextHops(payload).flatMap(({ gateway }) =>
    gateway === undefined ? [] : [formatAddress(gateway)],
  );
  if (address === undefined || hops.length === 0) return undefined;
  const gateways = type === messageType.newRoute ? hops.sort() : [];
  return { atMs, prefix: `${formatAddress(address)}/${payload[1]}`, gateways };
}

let waiting = "";

/** Ten thousand changes at once are printed together: each would else be dated later than it was. */
function say(sight: RouteSight): void {
  if (waiting === "") setTimeout(print, printEveryMs);
  waiting += `${JSON.stringify(sight)}\n`;
}

function print(): void {
  process.stdout.write(waiting);
  waiting = "";
}

watchNetlink(eventGroup.route4 | eventGroup.route6, {
  event: (message) => {
    if (message.type !== messageType.newRoute && message.type !== messageType.delRoute) return;
    const sight = sightOf(message, monotonicMs());
    if (sight !== undefined) say(sight);
  },
  overrun: () => {
    throw new Error("the kernel told of more routes than could be read");
  },
});
process.stdout.write("watching\n");
