import { type Address, addressBytes, addressKey } from "../net/address.ts";
import { closeSocket, openSocket, SystemCallError, setSocketOption } from "./libc.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const IPPROTO_IPV6 = 41;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;

/** The IPv6 multicast groups that one interface listens to, so that switches (MLD, RFC 3810) and the device pass them. */
export type GroupMembership = {
  /** Joins at the first call for a group, counts the others. @throws {SystemCallError} */
  join(group: Address): void;
  /** Leaves at the last call for a group. */
  leave(group: Address): void;
  /** Leaves all. */
  close(): void;
};

/** Memberships on the interface of this index; none yet. */
export function openGroupMembership(interfaceIndex: number): GroupMembership {
  const sockets: number[] = [];
  const joined = new Map<string, { users: number; readonly fd: number }>();
  return {
    join: (group) => {
      const known = joined.get(addressKey(group));
      if (known !== undefined) known.users++;
      else joined.set(addressKey(group), { users: 1, fd: joinGroup(sockets, membership(group, interfaceIndex)) });
    },
    leave: (group) => {
      const known = joined.get(addressKey(group));
      if (known === undefined || --known.users > 0) return;
      joined.delete(addressKey(group));
      leaveGroup(known.fd, membership(group, interfaceIndex));
    },
    close: () => {
      for (const fd of sockets.splice(0)) closeSocket(fd);
      joined.clear();
    },
  };
}

/** A socket has room for some hundred groups (net.core.optmem_max); when the newest is full, another is opened. */
function joinGroup(sockets: number[], request: Uint8Array): number {
  const newest = sockets.at(-1);
  if (newest !== undefined && tryJoin(newest, request)) return newest;
  const fd = openSocket(AF_INET6, SOCK_DGRAM, 0);
  sockets.push(fd);
  setSocketOption(fd, { level: IPPROTO_IPV6, name: IPV6_JOIN_GROUP }, request);
  return fd;
}

function tryJoin(fd: number, request: Uint8Array): boolean {
  try {
    setSocketOption(fd, { level: IPPROTO_IPV6, name: IPV6_JOIN_GROUP }, request);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && (error.code === "ENOMEM" || error.code === "ENOBUFS")) return false;
    throw error;
  }
}

function leaveGroup(fd: number, request: Uint8Array): void {
  try {
    setSocketOption(fd, { level: IPPROTO_IPV6, name: IPV6_LEAVE_GROUP }, request);
  } catch (error) {
    // The interface is gone, and the membership with it.
    if (!(error instanceof SystemCallError)) throw error;
  }
}

/** `struct ipv6_mreq`. */
function membership(group: Address, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(addressBytes(group));
  new DataView(bytes.buffer).setInt32(16, interfaceIndex, true);
  return bytes;
}
