import type { Address } from "../net/address.ts";
import { HERALD_MARK } from "./interfaces.ts";
import type { NetlinkRequest, NetlinkSocket } from "./netlink-socket.ts";
import { requestFlag } from "./netlink-socket.ts";
import { encodeAddressRemoval, encodeHostAddress, messageType } from "./rtnetlink.ts";

/** A virtual address on an interface. */
export type HostAddress = { readonly index: number; readonly address: Address };

/**
 * How long the kernel keeps an address that is not refreshed: a dead, stopped or stalled process loses it by itself. Never
 * preferred, so that the machine does not take it as source of its own connections.
 */
const lifetime = { validSeconds: 3, preferredSeconds: 0 };

/** How often the addresses must be refreshed so that they stay. */
export const HOST_ADDRESS_REFRESH_MS = 1000;

/** Puts an address, marked as Herald's, on its interface. Gives the errno's name or undefined; EEXIST if it is there already. */
export function addHostAddress(netlink: NetlinkSocket, entry: HostAddress): string | undefined {
  return netlink.apply([putRequest(entry, requestFlag.create | requestFlag.exclusive)])[0];
}

/** Makes the addresses last for another lifetime, and puts back what was taken away. Gives each one's errno or undefined. */
export function refreshHostAddresses(
  netlink: NetlinkSocket,
  entries: readonly HostAddress[],
): readonly (string | undefined)[] {
  return netlink.apply(entries.map((entry) => putRequest(entry, requestFlag.create | requestFlag.replace)));
}

/** Takes addresses away. Gives each one's errno (EADDRNOTAVAIL or ENODEV if it was not there) or undefined. */
export function removeHostAddresses(
  netlink: NetlinkSocket,
  entries: readonly HostAddress[],
): readonly (string | undefined)[] {
  return netlink.apply(
    entries.map((entry) => ({ type: messageType.delAddress, flags: 0, payload: encodeAddressRemoval(entry) })),
  );
}

function putRequest(entry: HostAddress, flags: number): NetlinkRequest {
  const payload = encodeHostAddress({ ...entry, mark: HERALD_MARK }, lifetime);
  return { type: messageType.newAddress, flags, payload };
}
