import { emptyNetworkState, HERALD_MARK, type NetworkState } from "./interfaces.ts";
import type { NetlinkMessage } from "./netlink-codec.ts";
import { eventGroup, type NetlinkSocket, watchNetlink } from "./netlink-socket.ts";
import { openNextHops } from "./next-hops.ts";
import {
  addressDump,
  decodeInterfaceAddress,
  decodeLink,
  decodePeerNotice,
  linkDump,
  messageType,
} from "./rtnetlink.ts";

const groups = eventGroup.link | eventGroup.address4 | eventGroup.address6 | eventGroup.route4 | eventGroup.route6;

/** Keeps a view of this machine's links, addresses and next hops, read anew after each event. */
export type NetworkMonitor = {
  state(): NetworkState;
  /** Event buffer overruns since the start; each was repaired by reading everything. */
  overruns(): number;
  close(): void;
};

/**
 * Reads the state, then calls `onChange` after each change (perhaps more often), and `onPeerNotice` when the network is to be
 * told anew what is on the interface of this index, though nothing in the state has changed. @throws {SystemCallError}
 */
export function openNetworkMonitor(
  netlink: NetlinkSocket,
  onChange: () => void,
  onPeerNotice: (index: number) => void,
): NetworkMonitor {
  let state = emptyNetworkState;
  let overruns = 0;
  let soon: NodeJS.Immediate | undefined;
  const readLinks = (): void => {
    soon = undefined;
    const before = state;
    state = { ...state, ...readLinksAndAddresses(netlink) };
    // The kernel drops the routes of a link that goes without a word.
    if (upLinksWithHops(before) !== upLinksWithHops(state)) nextHops.readAnew();
    onChange();
  };
  const note = (message: NetlinkMessage): void => {
    const concern = concernOf(message);
    if (concern === "links") soon ??= setImmediate(readLinks);
    if (concern === "routes") nextHops.note(message);
    const noticed = message.type === messageType.newLink ? decodePeerNotice(message.payload) : undefined;
    if (noticed !== undefined) onPeerNotice(noticed);
  };
  const watch = watchNetlink(groups, {
    event: note,
    overrun: () => {
      overruns++;
      soon ??= setImmediate(readLinks);
      nextHops.readAnew();
    },
  });
  const nextHops = openNextHops(netlink, () => {
    state = { ...state, nextHops: nextHops.list() };
    onChange();
  });
  state = { ...readLinksAndAddresses(netlink), nextHops: nextHops.list() };
  return {
    state: () => state,
    overruns: () => overruns,
    close: () => {
      watch.close();
      clearImmediate(soon);
      nextHops.close();
    },
  };
}

function upLinksWithHops({ links, nextHops }: NetworkState): string {
  const withHops = new Set(nextHops.map(({ index }) => index));
  return links.flatMap(({ index, up }) => (up && withHops.has(index) ? [index] : [])).join();
}

/** Herald's own addresses are refreshed each second: no news. */
function concernOf({ type, payload }: NetlinkMessage): "links" | "routes" | "nothing" {
  switch (type) {
    case messageType.newAddress:
      return decodeInterfaceAddress(payload)?.mark === HERALD_MARK ? "nothing" : "links";
    case messageType.newRoute:
    case messageType.delRoute:
      return "routes";
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
