import { emptyNetworkState, HERALD_MARK, type NetworkState } from "./interfaces.ts";
import { SystemCallError } from "./libc.ts";
import type { NetlinkMessage } from "./netlink-codec.ts";
import { eventGroup, type NetlinkSocket, watchNetlink } from "./netlink-socket.ts";
import {
  addressDump,
  decodeInterfaceAddress,
  decodeLink,
  decodeNextHops,
  linkDump,
  messageType,
  routeDump,
} from "./rtnetlink.ts";

/** Routes may change by the thousand, and nothing hurries about them. */
const ROUTE_DELAY_MS = 500;

const groups = eventGroup.link | eventGroup.address4 | eventGroup.address6 | eventGroup.route4 | eventGroup.route6;

/** Keeps a view of this machine's links, addresses and next hops, read anew after each event. */
export type NetworkMonitor = {
  state(): NetworkState;
  /** Event buffer overruns since the start; each was repaired by reading everything. */
  overruns(): number;
  close(): void;
};

/** Reads the state, then calls `onChange` after each change (perhaps more often). @throws {SystemCallError} */
export function openNetworkMonitor(netlink: NetlinkSocket, onChange: () => void): NetworkMonitor {
  let state = emptyNetworkState;
  let overruns = 0;
  let soon: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;
  const readLinks = (): void => {
    soon = undefined;
    state = { ...state, ...readLinksAndAddresses(netlink) };
    onChange();
  };
  const readRoutes = (): void => {
    later = undefined;
    state = { ...state, nextHops: readNextHops(netlink) };
    onChange();
  };
  const wake = (concerns: "links" | "routes" | "nothing"): void => {
    if (concerns === "links") soon ??= setImmediate(readLinks);
    if (concerns === "routes") later ??= setTimeout(readRoutes, ROUTE_DELAY_MS);
  };
  const watch = watchNetlink(groups, {
    event: (message) => wake(concernOf(message)),
    overrun: () => {
      overruns++;
      wake("links");
      wake("routes");
    },
  });
  state = { ...readLinksAndAddresses(netlink), nextHops: readNextHops(netlink) };
  return {
    state: () => state,
    overruns: () => overruns,
    close: () => {
      watch.close();
      clearImmediate(soon);
      clearTimeout(later);
    },
  };
}

/** Herald's own addresses are refreshed each second and routes without router come and go with each pod: no news. */
function concernOf({ type, payload }: NetlinkMessage): "links" | "routes" | "nothing" {
  switch (type) {
    case messageType.newAddress:
      return decodeInterfaceAddress(payload)?.mark === HERALD_MARK ? "nothing" : "links";
    case messageType.newRoute:
    case messageType.delRoute:
      return decodeNextHops(payload).some((hop) => hop.isDefault || hop.gateway !== undefined) ? "routes" : "nothing";
    default:
      return "links";
  }
}

/** The links and addresses of this moment. @throws {SystemCallError} */
export function readLinksAndAddresses(netlink: NetlinkSocket): Pick<NetworkState, "links" | "addresses"> {
  return {
    links: decodeAll(netlink.dump(messageType.getLink, linkDump), decodeLink),
    addresses: decodeAll(netlink.dump(messageType.getAddress, addressDump), decodeInterfaceAddress),
  };
}

function decodeAll<T>(
  messages: readonly NetlinkMessage[],
  decode: (payload: Uint8Array) => T | undefined,
): readonly T[] {
  return messages.map(({ payload }) => decode(payload)).filter((decoded) => decoded !== undefined);
}

function readNextHops(netlink: NetlinkSocket): NetworkState["nextHops"] {
  return ([4, 6] as const)
    .flatMap((family) => dumpRoutes(netlink, family))
    .flatMap(({ payload }) => decodeNextHops(payload))
    .filter((hop) => hop.isDefault || hop.gateway !== undefined);
}

function dumpRoutes(netlink: NetlinkSocket, family: 4 | 6): readonly NetlinkMessage[] {
  try {
    return netlink.dump(messageType.getRoute, routeDump(family));
  } catch (error) {
    // The main table does not exist before its first route.
    if (error instanceof SystemCallError && error.code === "ENOENT") return [];
    throw error;
  }
}
