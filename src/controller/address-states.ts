import type { Advertisement } from "../api/vip-advertisement.ts";
import type { GroupSpec } from "../api/vip-group.ts";
import { addressKey } from "../net/address.ts";
import { type AddressState, addressState, isAnnounced, type NodeReport } from "./node-reports.ts";
import type { RouteRights } from "./route-rights.ts";
import { believed, RouteBook, type Routes, routedState } from "./routed-states.ts";

/** How long an address may be silent before people are told, in ms: longer than a failover or a first announcement takes. */
const patienceMs = 3_000;

/** As `spec.released.conflict` takes. */
const longestConflict = 256;

type Said = {
  readonly group: GroupSpec | undefined;
  /** Of the group's members: the very same while none of them is another. */
  readonly ofMembers: readonly (NodeReport | undefined)[];
  readonly ofNode: NodeReport | undefined;
  readonly ofHolder: NodeReport | undefined;
  /** Who says that it announces the address by BGP, and is believed: the very same list while nobody else is. */
  readonly routers: readonly string[] | undefined;
};

/** What is said of another station that had the address before it was ever announced; undefined: nothing. */
function firstUseConflict({ status }: Advertisement, state: AddressState): string | undefined {
  const isUnused = !isAnnounced(state) && status.history.length === 0;
  return isUnused ? state.conflict?.slice(0, longestConflict) : undefined;
}

type MemberReports = ReadonlyMap<GroupSpec, Said["ofMembers"]>;

type Known = { readonly said: Said; readonly state: AddressState };

type Groups = ReadonlyMap<string, GroupSpec>;

/** What the nodes say, and whose word counts. */
export type Scene = {
  readonly reports: ReadonlyMap<string, NodeReport>;
  /** By name. */
  readonly groups: Groups;
  /** Who may announce by BGP what no nodes are named for; absent: everybody. */
  readonly rights?: RouteRights;
};

type Last = Scene & {
  readonly advertisements: readonly Advertisement[];
  readonly states: ReadonlyMap<string, AddressState>;
  readonly moving: readonly Advertisement[];
  readonly conflicts: ReadonlyMap<string, string>;
};

/** The states of all addresses at one moment. */
export type StatesNow = {
  /** By the name of the address's object. */
  readonly states: ReadonlyMap<string, AddressState>;
  /** Silent, but not yet for long enough to say so. */
  readonly awaited: ReadonlySet<string>;
  /** Held, but not where they are wanted. */
  readonly moving: readonly Advertisement[];
  /** By `addressKey`: never announced so far, because another station has them; and what a node says of that. */
  readonly conflicts: ReadonlyMap<string, string>;
  /** How long until the first of them has been waited for long enough; undefined: there is none. */
  readonly changesInMs: number | undefined;
};

/** Works out who holds which address, anew only for addresses whose object or whose node's report changed. */
export class AddressStates {
  readonly #known = new WeakMap<Advertisement, Known>();
  readonly #routes = new RouteBook();
  #ofMembers: MemberReports = new Map();
  #silentSinceMs: ReadonlyMap<string, number> = new Map();
  #last: Last | undefined;

  /** The states now; `nowMs` is on one monotonic clock. */
  at(advertisements: readonly Advertisement[], scene: Scene, nowMs: number): StatesNow {
    const last = this.#last;
    if (last?.advertisements === advertisements && sameScene(last, scene))
      return { ...last, ...awaited(this.#silentSinceMs, nowMs) };
    const { reports, groups } = scene;
    this.#ofMembers = this.#reportsOfMembers(groups, reports);
    const seen = { ...scene, routes: this.#routes.at(reports) };
    const states = new Map<string, AddressState>();
    const silentSinceMs = new Map<string, number>();
    const moving: Advertisement[] = [];
    const conflicts = new Map<string, string>();
    for (const advertisement of advertisements) {
      const { name } = advertisement;
      const state = this.#state(advertisement, seen);
      states.set(name, state);
      if (!isAnnounced(state)) silentSinceMs.set(name, this.#silentSinceMs.get(name) ?? nowMs);
      if (state.elsewhere) moving.push(advertisement);
      const conflict = firstUseConflict(advertisement, state);
      if (conflict !== undefined) conflicts.set(addressKey(advertisement.address), conflict);
    }
    this.#silentSinceMs = silentSinceMs;
    this.#last = { advertisements, ...scene, states, moving, conflicts };
    return { states, moving, conflicts, ...awaited(silentSinceMs, nowMs) };
  }

  #state(advertisement: Advertisement, { reports, groups, routes, rights }: Seen): AddressState {
    const group = groups.get(advertisement.group);
    const said: Said = {
      group,
      ofMembers: (group && this.#ofMembers.get(group)) ?? nobody,
      ofNode: reports.get(advertisement.node),
      ofHolder: reports.get(advertisement.status.holder),
      routers: routersOf(advertisement, routes, rights),
    };
    const known = this.#known.get(advertisement);
    if (known !== undefined && !isUnheard(known.state) && sameSaid(known.said, said)) return known.state;
    const state = stateOf(advertisement, { reports, rights, group, said: said.routers });
    this.#known.set(advertisement, { said, state });
    return state;
  }

  #reportsOfMembers(groups: Groups, reports: ReadonlyMap<string, NodeReport>): MemberReports {
    const before = this.#ofMembers;
    return new Map(
      [...groups.values()].map((group) => {
        const now = group.members.map((name) => reports.get(name));
        const known = before.get(group);
        return [group, known?.every((report, i) => report === now[i]) ? known : now];
      }),
    );
  }
}

const nobody: Said["ofMembers"] = [];

type Seen = Scene & { readonly routes: Routes };

function sameScene(a: Scene, b: Scene): boolean {
  return a.reports === b.reports && a.groups === b.groups && a.rights === b.rights;
}

/** Where announcers are named it is they who are believed. */
function routersOf(advertisement: Advertisement, routes: Routes, rights: Scene["rights"]): Said["routers"] {
  const said = routes.get(advertisement.name);
  if (said === undefined || rights === undefined || advertisement.announcers !== undefined) return said;
  return believed(said, rights(advertisement));
}

/** Why no router hears of an address, any node's report may tell. */
function isUnheard({ routers }: AddressState): boolean {
  return routers?.length === 0;
}

type HeardOf = Pick<Said, "group"> &
  Pick<Seen, "reports"> & { readonly rights: Scene["rights"]; readonly said: Said["routers"] };

function stateOf(advertisement: Advertisement, { group, ...heard }: HeardOf): AddressState {
  const { arp, bgp } = advertisement.announcement;
  const onLan = arp === undefined && bgp !== undefined ? undefined : addressState(advertisement, heard.reports, group);
  return bgp === undefined && onLan !== undefined ? onLan : routedState(advertisement, onLan, heard);
}

function sameSaid(a: Said, b: Said): boolean {
  return (
    a.group === b.group &&
    a.ofMembers === b.ofMembers &&
    a.ofNode === b.ofNode &&
    a.ofHolder === b.ofHolder &&
    a.routers === b.routers
  );
}

function awaited(
  silentSinceMs: ReadonlyMap<string, number>,
  nowMs: number,
): Pick<StatesNow, "awaited" | "changesInMs"> {
  const recent = [...silentSinceMs].filter(([, sinceMs]) => nowMs - sinceMs < patienceMs);
  const left = recent.map(([, sinceMs]) => sinceMs + patienceMs - nowMs);
  return {
    awaited: new Set(recent.map(([name]) => name)),
    changesInMs: left.length === 0 ? undefined : left.reduce((a, b) => Math.min(a, b)),
  };
}
