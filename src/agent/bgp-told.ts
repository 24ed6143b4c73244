import { prefixKey } from "../announce/bgp-prefix.ts";
import type { PeerRoutes, Route } from "../announce/bgp-routes.ts";
import { type Address, addressKey, compareAddresses } from "../net/address.ts";
import type { Told } from "./bgp-departure.ts";
import type { PeerWish, RoutesWish, SessionReport } from "./bgp-ports.ts";
import { routesWish, sameRoutes } from "./bgp-route-plan.ts";
import type { BgpSessions } from "./bgp-sessions.ts";

/** All routes of a session as the speaker is told them, and as they were planned. */
export type ToldRoutes = { readonly wish: RoutesWish; readonly routes: readonly Route[] };

/** What the speaker was told of sessions and routes, by peer. */
export class BgpTold {
  readonly peers = new Map<string, PeerWish | undefined>();
  /** What is to be on lo. */
  onLo: readonly Address[] = [];
  readonly #routes = new Map<string, ToldRoutes>();
  #serial = 0;
  readonly #heardBy = new Map<string, HeardBy>();
  #heard: { readonly from: readonly unknown[]; readonly addresses: readonly Address[] } = { from: [], addresses: [] };

  /** The routes to tell a peer, or undefined if it was told the same; which addresses they are for is taken over at once. */
  routeChange(planned: PeerRoutes): ToldRoutes | undefined {
    const { routes } = planned;
    const name = planned.peer.name;
    const before = this.#routes.get(name);
    if (before?.routes === routes) return undefined;
    const wish = routesWish(planned, ++this.#serial);
    if (before === undefined || !sameRoutes(before.wish.routes, wish.routes)) return { wish, routes };
    this.setRoutes({ wish: before.wish, routes });
    return undefined;
  }

  /** The speaker was told these. */
  setRoutes(told: ToldRoutes): void {
    this.#routes.set(told.wish.name, told);
  }

  /** There is no such session any more. */
  forget(name: string): void {
    this.peers.delete(name);
    this.#routes.delete(name);
    this.#heardBy.delete(name);
  }

  /** All sessions end; the speaker goes on remembering their peers. */
  end(): void {
    for (const name of this.peers.keys()) this.peers.set(name, undefined);
    this.#routes.clear();
  }

  /** Whether there is to be a session with the peer. */
  hasSession(name: string): boolean {
    return this.peers.get(name) !== undefined;
  }

  /** Whether every peer was told that there are no routes. */
  get isEmpty(): boolean {
    return [...this.#routes.values()].every(({ wish }) => wish.routes.length === 0);
  }

  /** What peers have been told. */
  sessions(sessions: BgpSessions): Told {
    const up = [...this.#routes].filter(([name]) => sessions.established(name) !== undefined);
    return {
      any: [...this.peers.values()].some((wish) => wish !== undefined),
      established: up.length > 0,
      prefixes: () => new Set(up.flatMap(([, { wish }]) => wish.routes.map(({ prefix }) => prefixKey(prefix)))),
    };
  }

  /** The addresses whose route some established peer has, sorted; the same array until a session or its routes change. */
  addresses(sessions: BgpSessions): readonly Address[] {
    const up = [...this.#routes].flatMap(([name, told]): readonly Spoken[] => {
      const report = sessions.established(name);
      return report === undefined ? [] : [{ told, report }];
    });
    const from = up.flatMap(({ told, report }) => [told.routes, report]);
    const before = this.#heard.from;
    if (from.length !== before.length || from.some((each, i) => each !== before[i]))
      this.#heard = { from, addresses: addressesOf(up.flatMap((each) => this.#heardRoutes(each))) };
    return this.#heard.addresses;
  }

  /** While the peer is yet to be told of some, or the report is from before they were wished for: those it was told of before. */
  #heardRoutes({ told: { wish, routes }, report }: Spoken): readonly Route[] {
    const { sinceMs, serial, waiting } = report;
    const sent = tellable(routes, report);
    const before = this.#heardBy.get(wish.name);
    const isAll = waiting === 0 && serial >= wish.serial;
    const heard = isAll ? sent : among(sent, before?.sinceMs === sinceMs ? before.routes : []);
    this.#heardBy.set(wish.name, { sinceMs, routes: heard });
    return heard;
  }
}

/** What an established session was told, and its last report. */
type Spoken = { readonly told: ToldRoutes; readonly report: SessionReport };

/** The routes that a peer has, of the session that was established at this time. */
type HeardBy = { readonly sinceMs: number; readonly routes: readonly Route[] };

function addressesOf(routes: readonly Route[]): readonly Address[] {
  const addresses = routes.flatMap((route) => route.addresses);
  return [...new Map(addresses.map((address) => [addressKey(address), address])).values()].sort(compareAddresses);
}

function among(routes: readonly Route[], others: readonly Route[]): readonly Route[] {
  const known = new Set(others.map(({ prefix }) => prefixKey(prefix)));
  return routes.filter(({ prefix }) => known.has(prefixKey(prefix)));
}

/** A job of telling the speaker what is to be on lo. */
export type LoJob = {
  readonly kind: "bgpLo";
  readonly addresses: readonly Address[];
  readonly keys: readonly string[];
};

/** What to tell of lo before routes are told, and after: an address is there before routers send to it, and as long as they do. */
export function loJobs(
  told: readonly Address[],
  wanted: readonly Address[],
): readonly [before: readonly LoJob[], after: readonly LoJob[]] {
  if (told === wanted) return [[], []];
  const [toldKeys, wantedKeys] = [told, wanted].map((each) => new Set(each.map(addressKey)));
  const added = wanted.filter((address) => !toldKeys?.has(addressKey(address)));
  const goes = told.some((address) => !wantedKeys?.has(addressKey(address)));
  const job = (addresses: readonly Address[], when: string): LoJob => ({
    kind: "bgpLo",
    addresses,
    keys: [`bgp lo ${when}`],
  });
  const before = goes ? [...told, ...added] : wanted;
  return [added.length > 0 ? [job(before, "before")] : [], goes ? [job(wanted, "after")] : []];
}

/** Those that the session does tell: the peer may take one family alone. */
function tellable(routes: readonly Route[], { established, absent }: SessionReport): readonly Route[] {
  const families = established?.families ?? [4, 6];
  const untold = new Set(absent.map(({ prefix }) => prefixKey(prefix)));
  return routes.filter(({ prefix }) => families.includes(prefix.address.family) && !untold.has(prefixKey(prefix)));
}
