import { HERALD_MARK, type NetworkState } from "../linux/interfaces.ts";
import type { NetlinkSocket } from "../linux/netlink-socket.ts";
import { makeArpStrict } from "../linux/strict-arp.ts";
import { type Address, addressKey, formatAddress } from "../net/address.ts";
import { ArpHiding } from "./arp-hiding.ts";
import { createKernelAddresses, type KernelAddresses } from "./kernel-addresses.ts";

/** What addresses on lo need of the world. */
export type LoopbackPorts = {
  readonly addresses: Pick<KernelAddresses, "put" | "has" | "remove" | "refresh" | "wakeAtMs" | "sweep">;
  /** The index of lo. */
  readonly index: () => number | undefined;
  /** The keys of the addresses that somebody else put on lo. */
  readonly others: () => ReadonlySet<string>;
  /** Makes sure that the LANs are not told of IPv4 addresses on lo; gives why that cannot be, in words, or undefined. */
  readonly hide: () => string | undefined;
  /** Why addresses are not there, in words; empty: all are. Once each time that it changes. */
  readonly trouble: (message: string) => void;
};

/** A thousand take 30 ms, during which nothing is answered. */
const CHANGES_AT_ONCE = 100;
const never = Number.POSITIVE_INFINITY;

/**
 * The addresses that are to be on lo for programs that must find them there. IPv4 ones only while no LAN hears of them: the kernel
 * would answer ARP for them on every interface. They last 3 s and are refreshed each second.
 */
export class Loopback {
  readonly #ports: LoopbackPorts;
  #wanted: ReadonlyMap<string, Address> = new Map();
  /** Those that are to go. */
  readonly #leaving = new Map<string, Address>();
  /** Those that are to be looked at, and why those are missing that were. */
  readonly #due = new Map<string, Address>();
  readonly #missing = new Map<string, string>();
  #hidden: string | undefined;
  #swept = true;
  #told = "";

  constructor(ports: LoopbackPorts) {
    this.#ports = ports;
  }

  /** Whether an address is there because it was to be. */
  has(address: Address): boolean {
    return this.#ports.addresses.has(address);
  }

  /** All that are to be there; what a predecessor left and is not among them goes. */
  set(addresses: readonly Address[]): void {
    const before = this.#wanted;
    this.#wanted = new Map(addresses.map((address) => [addressKey(address), address]));
    for (const [key, address] of before) if (!this.#wanted.has(key)) this.#drop(key, address);
    for (const key of this.#wanted.keys()) this.#leaving.delete(key);
    this.#swept = false;
    this.look();
  }

  /** Looks whether all are there, and may be. */
  look(): void {
    if (this.#wanted.size === 0) return;
    this.#hidden = [...this.#wanted.values()].some(({ family }) => family === 4) ? this.#ports.hide() : undefined;
    const others = this.#ports.others();
    for (const [key, address] of this.#wanted) if (!this.#isRight(key, address, others)) this.#due.set(key, address);
  }

  /** Takes some away that are to go, puts some of those there that are missing, and makes the others last. */
  turn(nowMs: number): void {
    const { addresses } = this.#ports;
    const leaving = [...this.#leaving].slice(0, CHANGES_AT_ONCE);
    for (const [key, address] of leaving) {
      this.#leaving.delete(key);
      addresses.remove(address);
    }
    for (const [key, address] of [...this.#due].slice(0, CHANGES_AT_ONCE - leaving.length)) {
      this.#due.delete(key);
      this.#put(key, address);
    }
    this.#sweep();
    for (const { address, message } of addresses.refresh(nowMs, (each) => !this.#leaving.has(addressKey(each)))) {
      addresses.remove(address);
      this.#missing.set(addressKey(address), message);
    }
    if (this.#due.size === 0) this.#tell();
  }

  wakeAtMs(): number {
    const isDue = this.#due.size > 0 || this.#leaving.size > 0;
    return Math.min(isDue ? 0 : never, this.#ports.addresses.wakeAtMs());
  }

  /** After all puts: what is still wanted of a predecessor's is taken on by them. */
  #sweep(): void {
    if (this.#swept || this.#due.size > 0) return;
    this.#swept = true;
    this.#ports.addresses.sweep();
  }

  #isRight(key: string, address: Address, others: ReadonlySet<string>): boolean {
    const has = this.#ports.addresses.has(address);
    if (this.#isBarred(address)) return !has && this.#missing.get(key) === this.#hidden;
    if (others.has(key)) this.#missing.delete(key);
    return has || others.has(key);
  }

  #isBarred({ family }: Address): boolean {
    return family === 4 && this.#hidden !== undefined;
  }

  #put(key: string, address: Address): void {
    const failure = this.#failure(address);
    if (failure === undefined) this.#missing.delete(key);
    else {
      this.#ports.addresses.remove(address);
      this.#missing.set(key, failure);
    }
  }

  #failure(address: Address): string | undefined {
    const { addresses, index } = this.#ports;
    if (this.#isBarred(address)) return this.#hidden;
    const lo = index();
    if (lo === undefined) return "there is no loopback interface";
    return addresses.has(address) ? undefined : addresses.put({ index: lo, address });
  }

  #drop(key: string, address: Address): void {
    if (this.#ports.addresses.has(address)) this.#leaving.set(key, address);
    this.#due.delete(key);
    this.#missing.delete(key);
  }

  #tell(): void {
    const told = troubleOf(this.#missing, this.#wanted);
    if (told === this.#told) return;
    this.#told = told;
    this.#ports.trouble(told);
  }
}

/** Each failure once, with the first address that it is about and the number of the others. */
function troubleOf(missing: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, Address>): string {
  const byFailure = Map.groupBy(missing, ([, failure]) => failure);
  const texts = [...byFailure].map(([failure, [first, ...others]]) => {
    const address = wanted.get(first?.[0] ?? "");
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    return `${address === undefined ? "" : formatAddress(address)}${more}: ${failure}`;
  });
  return texts.join("; ");
}

/** The addresses on this host's lo. */
export function openLoopback(
  netlink: NetlinkSocket,
  state: () => NetworkState,
  trouble: (message: string) => void,
): Loopback {
  const hiding = new ArpHiding({
    links: () => state().links,
    makeStrict: (link) => makeArpStrict(netlink, link),
  });
  const index = (): number | undefined => state().links.find(({ loopback }) => loopback)?.index;
  return new Loopback({
    addresses: createKernelAddresses(netlink, state, "lo"),
    index,
    others: () => {
      const lo = index();
      const there = state().addresses.filter((each) => each.index === lo && each.mark !== HERALD_MARK);
      return new Set(there.map(({ address }) => addressKey(address)));
    },
    hide: () => hiding.hide(),
    trouble,
  });
}
