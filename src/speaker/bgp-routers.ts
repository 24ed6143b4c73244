import type { Link } from "../linux/rtnetlink.ts";
import { type Address, addressKey } from "../net/address.ts";
import { isLinkLocal } from "../net/link-local.ts";
import { formatMac } from "../net/mac.ts";
import { RouterLink, type RouterLinkPlace, type RouterPorts } from "./bgp-router-link.ts";

/** The router on an interface, by its link-local address; or why none is known, in words. */
export type FoundRouter = { readonly router: Address } | { readonly problem: string };

type Wanted = { link?: RouterLink; problem: string; retryAtMs: number };

const RETRY_MS = 5_000;

/**
 * Finds the routers of unnumbered sessions by their advertisements (RFC 4861), and makes this node known to them by its own.
 * Nothing is sent or heard on an interface that no session asks for.
 */
export class BgpRouters {
  readonly #ports: RouterPorts;
  readonly #isUsed: (name: string) => boolean;
  readonly #wanted = new Map<string, Wanted>();

  /** `isUsed`: whether a session with the router that was found on the interface of this name stands. */
  constructor(ports: RouterPorts, isUsed: (name: string) => boolean) {
    this.#ports = ports;
    this.#isUsed = isUsed;
  }

  /** From now on routers are looked for on the interfaces of these names alone. */
  want(names: ReadonlySet<string>): void {
    for (const [name, { link }] of this.#wanted) {
      if (names.has(name)) continue;
      link?.close();
      this.#wanted.delete(name);
    }
    for (const name of names)
      if (!this.#wanted.has(name)) this.#wanted.set(name, { problem: noneHeard(name), retryAtMs: 0 });
  }

  /** What is known of the router on an interface. */
  find(name: string): FoundRouter {
    const { link, problem = noneHeard(name) } = this.#wanted.get(name) ?? {};
    return link?.router === undefined ? { problem } : { router: link.router };
  }

  /** Follows what became of the interfaces, and sends what is due. */
  turn(): void {
    const nowMs = this.#ports.now();
    for (const [name, wanted] of this.#wanted) {
      this.#follow(name, wanted, nowMs);
      wanted.link?.turn(nowMs);
    }
  }

  wakeAtMs(): number {
    return Math.min(...[...this.#wanted.values()].map(({ link, retryAtMs }) => link?.wakeAtMs() ?? retryAtMs));
  }

  close(): void {
    this.want(new Set());
  }

  #follow(name: string, wanted: Wanted, nowMs: number): void {
    const place = this.#place(name);
    if ("problem" in place) {
      wanted.link?.close();
      delete wanted.link;
      // It is looked at again in each turn, which a change of the network brings.
      Object.assign(wanted, { problem: place.problem, retryAtMs: Number.POSITIVE_INFINITY });
      return;
    }
    if (wanted.link !== undefined && placeKey(wanted.link.place) === placeKey(place)) return;
    wanted.link?.close();
    delete wanted.link;
    if (nowMs >= wanted.retryAtMs || wanted.retryAtMs === Number.POSITIVE_INFINITY) this.#open(name, wanted, place);
  }

  #open(name: string, wanted: Wanted, place: RouterLinkPlace): void {
    try {
      wanted.link = new RouterLink(place, this.#ports, () => this.#isUsed(name));
      wanted.problem = noneHeard(name);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const hint = why.includes("EPERM") ? ": it needs CAP_NET_RAW" : "";
      wanted.problem = `unnumbered: listen for routers on ${name}: ${why}${hint}`;
      wanted.retryAtMs = this.#ports.now() + RETRY_MS;
    }
  }

  #place(name: string): RouterLinkPlace | { readonly problem: string } {
    const { links, addresses } = this.#ports.network();
    const link = links.find((each) => each.name === name);
    const problem = linkProblem(link);
    if (link === undefined || problem !== undefined) return { problem: `unnumbered: interface ${name} ${problem}` };
    const own = addresses.find(({ index, address }) => index === link.index && isLinkLocal(address))?.address;
    if (own === undefined) return { problem: `unnumbered: interface ${name} has no link-local address` };
    return { index: link.index, mac: link.mac, own };
  }
}

function linkProblem(link: Link | undefined): string | undefined {
  if (link === undefined) return "does not exist";
  if (!link.up) return "is down";
  return link.ethernet ? undefined : "is not Ethernet";
}

function noneHeard(name: string): string {
  return `unnumbered: no router has advertised itself on ${name}`;
}

function placeKey({ index, mac, own }: RouterLinkPlace): string {
  return `${index} ${formatMac(mac)} ${addressKey(own)}`;
}
