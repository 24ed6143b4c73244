import { isAggregated } from "../api/bgp-announcement.ts";
import { addressKey, compareAddresses } from "../net/address.ts";
import { prefixKey, routePrefix } from "./bgp-prefix.ts";
import type { RoutedVip } from "./bgp-routes.ts";
import { type Role, type Standing, type StandingView, standings } from "./bgp-standing.ts";
import { anyReady, type EndpointRanks, endpointNodes, endpointRank, rankOf } from "./endpoint-rank.ts";
import { noEndpoints, unreachableEndpoints } from "./misplacement.ts";
import type { Misplacement } from "./reason.ts";
import { rank } from "./votes/order.ts";

/** An address whose announcers are to be chosen, with those it has. */
export type Announceable = RoutedVip & {
  /** Under policy Local: its Services have had a ready endpoint. */
  readonly readySeen?: boolean;
};

/** Which nodes shall announce an address by BGP. */
export type Announcers = {
  /** Sorted; absent: every eligible node. One that is being drained stays among them until it is. */
  readonly announcers?: readonly string[];
  readonly readySeen?: boolean;
  /** Why no node can announce it. */
  readonly misplaced?: Misplacement;
};

/** All that the choice depends on. */
export type AnnouncerView = StandingView & {
  readonly vips: readonly Announceable[];
  readonly ranks: EndpointRanks;
};

/**
 * Which nodes shall announce each address, by `addressKey`; addresses that are not announced by BGP, or that nobody holds, are
 * left out. Under policy Cluster all eligible nodes, or `nodes.count` of them: who was chosen stays while it is eligible, the
 * others follow by rendezvous hash, so that a node that leaves moves nobody else and one that returns takes nothing back. One
 * whose sessions are mute makes room for others. All addresses of an aggregate are on the same nodes. Under policy Local a node
 * comes in only with a ready endpoint, and goes out with its last one that is ready, unless nobody has a ready one. Under either
 * policy it stays as it was while no node can announce, but under Local not on a node that has no ready endpoint any more.
 */
export function planAnnouncers(view: AnnouncerView): ReadonlyMap<string, Announcers> {
  const chosen = new Map<string, Announcers>();
  const ofPrefix = new Map<string, Announcers>();
  const held = view.vips.filter(({ announcement, services }) => announcement.bgp !== undefined && services.length > 0);
  const sorted = held.toSorted((a, b) => compareAddresses(a.address, b.address));
  const earlierOf = earlierAnnouncers(sorted.filter(isTogether));
  const standingOf = standings(view);
  for (const vip of sorted) {
    const together = isTogether(vip);
    const known = together ? ofPrefix.get(togetherKey(vip)) : undefined;
    const place = { prefix: prefixOf(vip), earlier: together ? earlierOf(vip) : vip.announcers };
    const found = known ?? announcersOf(vip, { ...place, standing: standingOf(vip) }, view.ranks);
    if (together) ofPrefix.set(togetherKey(vip), found);
    chosen.set(addressKey(vip.address), found);
  }
  return chosen;
}

/** Whether the same nodes announce others too: those of its aggregate. */
function isTogether({ address, announcement: { bgp }, trafficPolicy }: Announceable): boolean {
  return trafficPolicy === "Cluster" && bgp !== undefined && isAggregated(bgp, address.family);
}

/** Equal for addresses that the same nodes announce. */
function togetherKey(vip: Announceable): string {
  return `${prefixOf(vip)} ${JSON.stringify(vip.announcement.bgp?.nodes)}`;
}

function prefixOf(vip: Announceable): string {
  const { bgp } = vip.announcement;
  return bgp === undefined ? "" : prefixKey(routePrefix(vip, bgp));
}

/** Who announces an address by now: who was chosen for those that belong together, else for any of its prefix. */
function earlierAnnouncers(vips: readonly Announceable[]): (vip: Announceable) => readonly string[] | undefined {
  const earlier = new Map<string, Set<string>>();
  const note = (key: string, names: readonly string[]): void => {
    const known = earlier.get(key) ?? new Set();
    for (const name of names) known.add(name);
    earlier.set(key, known);
  };
  for (const vip of vips) {
    if (vip.announcers === undefined) continue;
    note(togetherKey(vip), vip.announcers);
    note(prefixOf(vip), vip.announcers);
  }
  return (vip) => {
    const names = earlier.get(togetherKey(vip)) ?? earlier.get(prefixOf(vip));
    return names && [...names];
  };
}

type Place = {
  readonly standing: Standing;
  readonly prefix: string;
  readonly earlier: readonly string[] | undefined;
};

function announcersOf(vip: Announceable, place: Place, ranks: EndpointRanks): Announcers {
  const { misplaced } = place.standing;
  return { ...(misplaced && { misplaced }), ...chosenFor(vip, place, ranks) };
}

/** Before the first ready endpoint any node announces it; some operators make Pods only once the address is there. */
function chosenFor(vip: Announceable, place: Place, ranks: EndpointRanks): Announcers {
  const count = countOf(vip);
  const isLocal = vip.trafficPolicy === "Local";
  if (isLocal && (vip.readySeen === true || anyReady(vip.services, ranks)))
    return localAnnouncers(vip, count, { ...place, ...endpointsOf(vip, place.standing, ranks) });
  if (count !== undefined) return { announcers: sticky(count, place) };
  const { open } = place.standing;
  return open === undefined ? {} : { announcers: open };
}

function countOf({ announcement: { bgp } }: Announceable): number | undefined {
  return bgp === undefined || bgp.nodes === "All" ? undefined : bgp.nodes.count;
}

const staying: ReadonlySet<Role | undefined> = new Set(["eligible", "unsure"]);

/** So many: those that were chosen and may stay, best rank first, then the best of the others. Nobody: as it was. */
function sticky(count: number, place: Place): readonly string[] {
  const { standing, earlier = [] } = place;
  const { roles, mute } = standing;
  const kept = earlier.filter((name) => staying.has(roles.get(name)));
  const speaking = kept.filter((name) => !mute.has(name));
  const chosen = speaking.length >= count ? best(speaking, count, place.prefix) : filled(count, kept, place);
  const last = earlier.filter((name) => roles.get(name) === "leaving");
  return (chosen.length + last.length === 0 ? earlier : [...chosen, ...last]).toSorted();
}

/**
 * So many, from the best to the worst. Who takes the place of one whose sessions are mute must be steady: when a router that all
 * have lost comes back, the first to have its session again does not get everything.
 */
function filled(count: number, kept: readonly string[], { standing, prefix, earlier = [] }: Place): readonly string[] {
  const { eligible, mute, steady } = standing;
  const isMute = (name: string): boolean => mute.has(name);
  const silent = kept.filter(isMute);
  const others = eligible.filter((name) => !earlier.includes(name));
  const speaking = others.filter((name) => !isMute(name));
  const mayReplace = (name: string): boolean => silent.length === 0 || steady.has(name);
  const classes = [
    kept.filter((name) => !isMute(name)),
    speaking.filter(mayReplace),
    silent,
    speaking.filter((name) => !mayReplace(name)),
    others.filter(isMute),
  ];
  const chosen: string[] = [];
  for (const names of classes) chosen.push(...best(names, count - chosen.length, prefix));
  return chosen;
}

/** So many of the names by rank; ranks cost too much to be asked where all are taken. */
function best(names: readonly string[], count: number, prefix: string): readonly string[] {
  if (names.length <= count || count <= 0) return names.slice(0, Math.max(0, count));
  const ranked = names.map((name) => ({ name, rank: rank(prefix, name) }));
  ranked.sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, count).map(({ name }) => name);
}

type LocalPlace = Place & { readonly serving: readonly string[]; readonly ready: readonly string[] };

/** While the announcers are not named all nodes announce it, so those that serve need not be known to live. */
function localAnnouncers(vip: Announceable, count: number | undefined, place: LocalPlace): Announcers {
  const { serving, standing } = place;
  const among = new Set(serving);
  const narrowed: Standing = {
    ...standing,
    roles: new Map(serving.map((name) => [name, localRole(standing.roles.get(name))])),
    eligible: standing.eligible.filter((name) => among.has(name)),
  };
  const earlier = place.earlier ?? (count === undefined ? serving : []);
  const kept = earlier.filter((name) => among.has(name));
  const announcers = sticky(count ?? Number.POSITIVE_INFINITY, { ...place, standing: narrowed, earlier: kept });
  return announcers.length > 0 ? { announcers, readySeen: true } : unserved(vip, count, place);
}

/** Nobody can announce it who serves it: as it was, but where no endpoint is ready any more. */
function unserved(vip: Announceable, count: number | undefined, { ready, earlier, standing }: LocalPlace): Announcers {
  if (ready.length === 0) return { announcers: [], readySeen: true, misplaced: noEndpoints(vip) };
  const kept = earlier ?? (count === undefined ? ready : []);
  const obstacles = ready.flatMap((name) => standing.obstacle(name) ?? []);
  return {
    announcers: kept.filter((name) => ready.includes(name)),
    readySeen: true,
    ...(obstacles.length > 0 && { misplaced: unreachableEndpoints(obstacles) }),
  };
}

/** A node that is closed serves only where no other does, and goes on like one that is leaving. */
function localRole(role: Role | undefined): Role {
  return role === undefined || role === "closed" ? "leaving" : role;
}

/**
 * Who has a ready endpoint, sorted, and who of them serves: those with a role, closed ones only where nobody else has one; where
 * there is none, those that announce it and whose endpoints still serve while they terminate.
 */
function endpointsOf(
  { services, announcers }: Announceable,
  { roles }: Standing,
  ranks: EndpointRanks,
): Pick<LocalPlace, "serving" | "ready"> {
  const nodes = endpointNodes(services, ranks).toSorted();
  const ready = nodes.filter((name) => rankOf(name, services, ranks) === endpointRank.ready);
  const able = ready.filter((name) => roles.has(name));
  const open = able.filter((name) => roles.get(name) !== "closed");
  if (open.length > 0) return { ready, serving: open };
  if (able.length > 0) return { ready, serving: able };
  const terminating = nodes.filter((name) => rankOf(name, services, ranks) === endpointRank.servingTerminating);
  const stays = (name: string): boolean => announcers === undefined || announcers.includes(name);
  return { ready, serving: terminating.filter((name) => roles.has(name) && stays(name)) };
}
