import { objectName, parseAddress } from "../../net/address.ts";
import { formatAge } from "../age.ts";
import type { Listing } from "../output.ts";
import type { Cell } from "../table.ts";
import type { Tone } from "../terminal.ts";
import type { PeerRow } from "./peer-row.ts";
import type { RouteRow } from "./route-row.ts";

/** How sessions are shown at a time (ms since the epoch). */
export function peerListing(nowMs: number): Listing<PeerRow> {
  return {
    none: "there are no BGPPeers",
    nameOf: ({ peer, node }) => (peer.includes("/") ? `vipnode.herald.dev/${node}` : `bgppeer.herald.dev/${peer}`),
    columns: [
      { heading: "PEER", cell: ({ peer }) => peer },
      { heading: "ROUTER", cell: ({ router }) => router },
      { heading: "ASN", wide: true, cell: ({ asn }) => `${asn ?? ""}` },
      { heading: "LOCAL-ASN", wide: true, cell: ({ localAsn }) => `${localAsn ?? ""}` },
      { heading: "NODE", cell: ({ node }) => node },
      { heading: "STATE", cell: stateCell },
      { heading: "SINCE", cell: ({ since }) => (since === "" ? "" : formatAge(nowMs - Date.parse(since))) },
      { heading: "FAMILIES", cell: ({ families }) => families.join(",") },
      { heading: "BFD", cell: bfdCell },
      { heading: "ANNOUNCED", cell: announcedCell },
      { heading: "RECEIVED", wide: true, cell: ({ received }) => (received ? `${received.ipv4 + received.ipv6}` : "") },
      { heading: "CONDITIONS", wide: true, cell: ({ conditions }) => conditions.join("; ") },
      { heading: "NOTIFICATION", wide: true, cell: ({ lastNotification }) => lastNotification },
      { heading: "REMARKS", cell: (row) => remarks(row).join("; ") },
    ],
  };
}

function stateCell({ state }: PeerRow): Cell {
  return { text: state, tone: state === "Established" ? "good" : "bad" };
}

function bfdCell({ bfd }: PeerRow): Cell {
  return { text: bfd, tone: bfd === "" ? "plain" : bfd === "Up" ? "good" : "bad" };
}

/** `12`, or `12/14` while the router has not been told of all. */
function announcedCell({ state, announced, planned }: PeerRow): Cell {
  if (state !== "Established" || announced === planned) return `${announced}`;
  return { text: `${announced}/${planned}`, tone: "odd" };
}

/** In few words what is wrong: the session's own, then the last NOTIFICATION of one that is down, then what the words leave out. */
function remarks({ state, message, lastNotification, conditions }: PeerRow): readonly string[] {
  const isUp = state === "Established";
  return [
    ...(message === "" ? [] : [message]),
    ...(isUp || lastNotification === "" || message.includes(lastNotification) ? [] : [lastNotification]),
    ...conditions.filter((each) => !isTold(each, isUp, message)),
  ];
}

/** Counts of all nodes stand in the rows; a Secret that is missing is told by the nodes that wait for it. */
function isTold(condition: string, isUp: boolean, message: string): boolean {
  const [reason = ""] = condition.split(":");
  return reason === "NotEstablished" || message.startsWith(`${reason}:`) || (reason === "SecretMissing" && isUp);
}

const tones: Readonly<Record<RouteRow["state"], Tone>> = { announced: "good", pending: "odd", absent: "plain" };

/** How routes are shown. */
export const routeListing: Listing<RouteRow> = {
  none: "no address is announced by BGP",
  nameOf: ({ addresses }) => addresses.map(advertisementName),
  columns: [
    { heading: "NODE", cell: ({ node }) => node },
    { heading: "PEER", cell: ({ peer }) => peer },
    { heading: "PREFIX", cell: ({ prefix }) => prefix },
    { heading: "ADDRESSES", wide: true, cell: ({ addresses }) => addresses.join(",") },
    { heading: "SERVICE", cell: ({ services }) => short(services) },
    { heading: "STATE", cell: ({ state }) => ({ text: state, tone: tones[state] }) },
    { heading: "AS-PATH", cell: ({ attributes }) => attributes?.asPath.join(" ") ?? "" },
    { heading: "LOCAL-PREF", wide: true, cell: ({ attributes }) => `${attributes?.localPref ?? ""}` },
    { heading: "MED", wide: true, cell: ({ attributes }) => `${attributes?.med ?? ""}` },
    { heading: "COMMUNITIES", cell: communities },
    { heading: "REMARKS", cell: routeRemark },
  ],
};

function advertisementName(text: string): string {
  const address = parseAddress(text);
  return `vipadvertisement.herald.dev/${address === undefined ? text : objectName(address)}`;
}

function short([first = "", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} (+${more.length})`;
}

function communities({ attributes }: RouteRow): string {
  return [...(attributes?.communities ?? []), ...(attributes?.largeCommunities ?? [])].join(",");
}

function routeRemark({ reason, message }: RouteRow): string {
  return reason === "" ? message : `${reason}: ${message}`;
}
