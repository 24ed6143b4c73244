import type { NetworkState } from "../linux/interfaces.ts";
import type { Address } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import type { GroupPlace, GroupPorts } from "./group-ports.ts";
import type { Lans } from "./lans.ts";

type Gateway = GroupPorts["gateway"];

/** This machine's interfaces and the routers behind them. */
export class Routers implements Gateway {
  readonly #state: () => NetworkState;
  readonly #lans: Pick<Lans, "lanOf">;
  #devices = new Map<string, string>();

  constructor(state: () => NetworkState, lans: Pick<Lans, "lanOf">) {
    this.#state = state;
    this.#lans = lans;
  }

  /** The name of the interface of this index. */
  nameOf(index: number): string | undefined {
    return this.#state().links.find((link) => link.index === index)?.name;
  }

  /** The names whose interface is another device than at the last call. */
  update({ links }: Pick<NetworkState, "links">): ReadonlySet<string> {
    const before = this.#devices;
    this.#devices = new Map(links.map(({ name, index, mac }) => [name, `${index} ${formatMac(mac)}`]));
    const names = new Set([...before.keys(), ...this.#devices.keys()]);
    return new Set([...names].filter((name) => before.get(name) !== this.#devices.get(name)));
  }

  of({ interface: name, address: own }: GroupPlace): Address | "none" | "down" {
    const { links, nextHops } = this.#state();
    const link = links.find((each) => each.name === name);
    if (link?.up !== true) return "down";
    const hops = nextHops.filter(({ index, gateway }) => index === link.index && gateway?.family === own.family);
    return (hops.find(({ isDefault }) => isDefault) ?? hops[0])?.gateway ?? "none";
  }

  ask({ interface: name, address }: GroupPlace, gateway: Address): void {
    const found = this.#lans.lanOf(name);
    if ("lan" in found) found.lan.ask(gateway, address);
  }
}
