import { type Address, formatAddress, objectName, parseAddress } from "../net/address.ts";
import { type Announcement, announcementObject, parseAnnouncement } from "./announcement.ts";
import { type Condition, formatTime } from "./condition.ts";
import type { Spec, StatusObject } from "./generated/vipadvertisement-v1beta1.ts";
import { createdMs, heraldApiVersion, identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed, Problem } from "./problem.ts";
import { readTerms, type SharingTerms, termsObject } from "./sharing.ts";

/** How a Service's traffic is spread over nodes (`spec.externalTrafficPolicy`). */
export type TrafficPolicy = "Cluster" | "Local";

/** A Service that an address belongs to. The uid tells a re-created Service of the same name from the old one. */
export type ServiceRef = { readonly namespace: string; readonly name: string; readonly uid: string };

/** A Service that holds an address, with the terms that were agreed when it joined; none: it shares with nobody. */
export type Member = ServiceRef & {
  readonly terms?: SharingTerms;
  /** When it joined, in milliseconds since the epoch, in whole seconds; absent: when the object was made. */
  readonly sinceMs?: number;
};

/** Who held an address last, and until when: what it is remembered by. */
export type Released = ServiceRef & {
  /** Milliseconds since the epoch, in whole seconds. */
  readonly atMs: number;
  /** Who else had it when it was to be used for the first time, at most 256 characters; absent: nobody. */
  readonly conflict?: string;
};

/** What a VIPAdvertisement says: one address, whose it is, and who shall announce it. Creating the object is the allocation. */
export type AdvertisementSpec = {
  readonly address: Address;
  /** Empty: outside every pool. */
  readonly pool: string;
  /** In the order of joining; several share the address. Empty: nobody holds it. */
  readonly services: readonly Member[];
  /** Only while `services` is empty; absent then: to be deleted by the next plan. */
  readonly released?: Released;
  readonly trafficPolicy: TrafficPolicy;
  readonly announcement: Announcement;
  /** The VIPGroup whose members vote for it; empty while there is none. */
  readonly group: string;
  /** Where it is wanted: a new value is a planned move, dated by the object's generation. Empty while no node is eligible. */
  readonly node: string;
  /** The members of the group that may hold it, by name, at most 7, in the group's order; absent: every member may. */
  readonly candidates?: readonly string[];
  /** Under policy Local: its Services have had a ready endpoint, so it is withdrawn for want of one. Absent: not yet. */
  readonly readySeen?: boolean;
  /** The nodes that shall announce it by BGP, sorted by name; absent: every eligible node, or it is not announced by BGP. */
  readonly announcers?: readonly string[];
  /** How often `node` was changed to another; absent: never. A newer number is a planned move, and moves the address once. */
  readonly move?: number;
};

/** A VIPAdvertisement as the planners see it. */
export type Advertisement = AdvertisementSpec & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly createdMs: number;
  readonly status: AdvertisementStatus;
};

/** What the controller last wrote about an advertisement, from what the nodes report. */
export type AdvertisementStatus = {
  readonly observedGeneration?: number;
  /** The node that answers for it on the LAN, or, of an address that is announced by BGP alone, one of those that do; empty: none. */
  readonly holder: string;
  /** The nodes that announce it by BGP, sorted by name, at most 16; absent: it is not announced by BGP. */
  readonly holders?: readonly string[];
  /** `ns/name`, with ` (+n)` for more, at most 120 characters. */
  readonly service: string;
  /** Empty while it is not announced. */
  readonly protocol: AnnouncedBy | "";
  /** Newest last, at most 8. */
  readonly history: readonly { readonly time: string; readonly node: string }[];
  readonly conditions: readonly Condition[];
};

/** How an address is announced: on the LAN of its nodes, to routers, or both. */
export type AnnouncedBy = "ARP" | "NDP" | "BGP" | "ARP+BGP" | "NDP+BGP";

/** A VIPAdvertisement as the API server has it. */
export type AdvertisementObject = {
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: StatusObject;
};

/** The advertisement that an object describes; its name must be the address, because the name is what the API server keeps unique. */
export function parseAdvertisement({ metadata, spec, status }: AdvertisementObject): Parsed<Advertisement> {
  const address = parseAddress(spec.address);
  if (address === undefined)
    return { problems: [{ path: "spec.address", message: `"${spec.address}" is no IP address` }] };
  const { announcement, problems } = parseAnnouncement(spec.announcement, "spec.announcement");
  const name = objectName(address);
  const misnamed = metadata.name === name ? [] : [{ path: "metadata.name", message: `is not the address, ${name}` }];
  const wrong = [...misnamed, ...problems, ...timeProblems(spec.released)];
  if (wrong.length > 0) return { problems: wrong };
  const value: Advertisement = {
    ...identity(metadata),
    generation: metadata.generation ?? 0,
    createdMs: createdMs(metadata),
    address,
    pool: spec.pool ?? "",
    services: (spec.services ?? []).map(parseMember),
    ...(spec.released && { released: parseReleased(spec.released) }),
    trafficPolicy: spec.trafficPolicy ?? "Cluster",
    announcement,
    ...parsePlace(spec),
    status: parseAdvertisementStatus(status),
  };
  return { value, warnings: [] };
}

function parsePlace({ group = "", node = "", candidates, announcers, readySeen, move }: Spec): Place {
  const lists = { ...(candidates && { candidates }), ...(announcers && { announcers }) };
  return { group, node, ...lists, ...(readySeen === true && { readySeen }), ...(move !== undefined && { move }) };
}

type Place = Pick<AdvertisementSpec, "group" | "node" | "candidates" | "announcers" | "readySeen" | "move">;

type MemberObject = NonNullable<Spec["services"]>[number];
type ReleasedObject = NonNullable<Spec["released"]>;

function parseMember({ namespace, name, uid, since, ...fields }: MemberObject): Member {
  const terms = readTerms(fields);
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since);
  return { namespace, name, uid, ...(terms && { terms }), ...(!Number.isNaN(sinceMs) && { sinceMs }) };
}

function parseReleased({ at, ...released }: ReleasedObject): Released {
  return { ...released, atMs: Date.parse(at) };
}

function timeProblems(released: ReleasedObject | undefined): readonly Problem[] {
  if (released === undefined || !Number.isNaN(Date.parse(released.at))) return [];
  return [{ path: "spec.released.at", message: `"${released.at}" is no time, expected RFC 3339` }];
}

function parseAdvertisementStatus(status: StatusObject = {}): AdvertisementStatus {
  const { holder = "", service = "", protocol = "", history = [], conditions = [], ...rest } = status;
  return { ...rest, holder, service, protocol, history, conditions };
}

/** The VIPAdvertisement to create, or, with the uid and resourceVersion that a plan saw, to put in its place. */
export function advertisementObject(
  spec: AdvertisementSpec,
  seen?: { readonly uid: string; readonly resourceVersion: string },
): { apiVersion: string; kind: string; metadata: ObjectMeta; spec: Spec } {
  const { address, announcement, services, released, candidates, announcers, ...rest } = spec;
  return {
    apiVersion: heraldApiVersion,
    kind: "VIPAdvertisement",
    metadata: { name: objectName(address), ...(seen && { uid: seen.uid, resourceVersion: seen.resourceVersion }) },
    spec: {
      address: formatAddress(address),
      pool: rest.pool,
      services: services.map(memberObject),
      ...(released && { released: releasedObject(released) }),
      trafficPolicy: rest.trafficPolicy,
      announcement: announcementObject(announcement),
      group: rest.group,
      node: rest.node,
      ...(candidates && { candidates: [...candidates] }),
      ...(announcers && announcement.bgp && { announcers: [...announcers] }),
      ...(rest.readySeen === true && { readySeen: true }),
      ...(rest.move !== undefined && { move: rest.move }),
    },
  };
}

function memberObject({ namespace, name, uid, terms, sinceMs }: Member): MemberObject {
  const since = sinceMs === undefined ? {} : { since: formatTime(sinceMs) };
  return { namespace, name, uid, ...termsObject(terms), ...since };
}

function releasedObject({ atMs, ...released }: Released): ReleasedObject {
  return { ...released, at: formatTime(atMs) };
}

/** The `status` of a VIPAdvertisement to write; what is empty is left out. */
export function advertisementStatusObject(status: AdvertisementStatus): StatusObject {
  const { observedGeneration, holder, holders, service, protocol, history, conditions } = status;
  return {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(holder !== "" && { holder }),
    ...(holders && { holders: [...holders] }),
    ...(service !== "" && { service }),
    ...(protocol !== "" && { protocol }),
    history: [...history],
    conditions: [...conditions],
  };
}
