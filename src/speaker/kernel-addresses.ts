import {
  addHostAddress,
  HOST_ADDRESS_REFRESH_MS,
  type HostAddress,
  refreshHostAddresses,
  removeHostAddresses,
} from "../linux/host-addresses.ts";
import { HERALD_MARK, type NetworkState } from "../linux/interfaces.ts";
import type { NetlinkSocket } from "../linux/netlink-socket.ts";
import { readLinksAndAddresses } from "../linux/network-monitor.ts";
import type { InterfaceAddress } from "../linux/rtnetlink.ts";
import { type Address, addressKey, sameAddress } from "../net/address.ts";

/** Addresses that are on interfaces because the speaker put them there: those of mode Address, or those on lo. */
export type KernelAddresses = {
  /** Puts an address on an interface; gives why it could not, or undefined. */
  put(entry: HostAddress): string | undefined;
  /** Whether an address is there because it was put. */
  has(address: Address): boolean;
  /** Takes it away again, if the speaker had put it there. */
  remove(address: Address): void;
  /**
   * Makes those last on whose turn it is and which `mayLast`, a limited number at once; gives those that could not be, with
   * the reason. The others end by themselves.
   */
  refresh(
    nowMs: number,
    mayLast: (address: Address) => boolean,
  ): readonly { readonly address: Address; readonly message: string }[];
  /** When `refresh` has more to do; Infinity if there is no address. */
  wakeAtMs(): number;
  /** Takes away what bears Herald's mark and is not wanted: the leftovers of a speaker that was killed. */
  sweep(): void;
};

type Entry = HostAddress & { readonly refreshedAtMs: number };

/** A refresh takes 10 to 20 µs an address, during which nothing else is answered. */
const REFRESHES_AT_ONCE = 100;

/** None put yet; `state` tells what is on the interfaces, give or take a moment, `where` which of these are meant. */
export function createKernelAddresses(
  netlink: NetlinkSocket,
  state: () => NetworkState,
  where: "lo" | "elsewhere",
): KernelAddresses {
  /** Who was refreshed longest ago comes first: a refreshed entry is put in anew. */
  const entries = new Map<string, Entry>();
  const keep = (entry: HostAddress, refreshedAtMs: number): void => {
    entries.delete(addressKey(entry.address));
    entries.set(addressKey(entry.address), { ...entry, refreshedAtMs });
  };
  const nextRefreshMs = (): number => {
    const [oldest] = entries.values();
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.refreshedAtMs + HOST_ADDRESS_REFRESH_MS;
  };
  return {
    put: (entry) => {
      const failure = putOnce(netlink, state(), entry);
      if (failure === undefined) keep(entry, performance.now());
      return failure;
    },
    has: (address) => entries.has(addressKey(address)),
    remove: (address) => {
      const entry = entries.get(addressKey(address));
      if (entry === undefined) return;
      entries.delete(addressKey(address));
      removeHostAddresses(netlink, [entry]);
    },
    refresh: (nowMs, mayLast) => {
      if (nowMs < nextRefreshMs()) return [];
      const turns = [...entries.values()].slice(0, REFRESHES_AT_ONCE).filter((entry) => isDue(entry, nowMs));
      for (const entry of turns) keep(entry, nowMs);
      const due = turns.filter(({ address }) => mayLast(address));
      return refreshHostAddresses(netlink, due).flatMap((errno, i) => {
        const address = due[i]?.address;
        return errno === undefined || address === undefined ? [] : [{ address, message: `refresh address: ${errno}` }];
      });
    },
    wakeAtMs: nextRefreshMs,
    sweep: () => {
      const { links, addresses } = readLinksAndAddresses(netlink);
      const meant = new Set(links.filter(({ loopback }) => loopback === (where === "lo")).map(({ index }) => index));
      const leftovers = addresses.filter(
        ({ mark, address, index }) => mark === HERALD_MARK && meant.has(index) && !entries.has(addressKey(address)),
      );
      removeHostAddresses(netlink, leftovers);
    },
  };
}

function isDue({ refreshedAtMs }: Entry, nowMs: number): boolean {
  return nowMs >= refreshedAtMs + HOST_ADDRESS_REFRESH_MS;
}

/** Another's address is never replaced, for that would give it our lifetime; one that we left behind is taken on. */
function putOnce(netlink: NetlinkSocket, state: NetworkState, entry: HostAddress): string | undefined {
  if (isForeign(existing(state, entry))) return foreignAddress;
  const errno = addHostAddress(netlink, entry);
  if (errno !== "EEXIST") return failureText(errno);
  if (isForeign(existing(readLinksAndAddresses(netlink), entry))) return foreignAddress;
  return failureText(refreshHostAddresses(netlink, [entry])[0]);
}

const foreignAddress = "the interface has the address already, not by Herald";

function failureText(errno: string | undefined): string | undefined {
  if (errno === undefined) return undefined;
  return `put address on the interface: ${errno}${errno === "EPERM" ? " (needs CAP_NET_ADMIN)" : ""}`;
}

function isForeign(entry: InterfaceAddress | undefined): boolean {
  return entry !== undefined && entry.mark !== HERALD_MARK;
}

function existing(
  { addresses }: Pick<NetworkState, "addresses">,
  { index, address }: HostAddress,
): InterfaceAddress | undefined {
  return addresses.find((entry) => entry.index === index && sameAddress(entry.address, address));
}
