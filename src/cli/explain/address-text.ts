import type { RouteRow } from "../bgp/route-row.ts";
import type { Terminal } from "../terminal.ts";
import type { AddressReport, Announcement, Holder, PoolCover, Remembered } from "./address-report.ts";
import { memberTable, ownershipParagraphs } from "./ownership-text.ts";
import { type Line, type Paragraph, printExplanation, type Table } from "./text.ts";

/** Prints the report on an address for people. */
export function printAddress(report: AddressReport, terminal: Terminal): void {
  printExplanation(`Address ${report.address}: ${report.summary}`, paragraphsOf(report), tablesOf(report), terminal);
}

function paragraphsOf({ heldBy, released, announcement, ownership }: AddressReport): readonly Paragraph[] {
  return [
    { subject: "Held by", lines: heldBy.map(holderLine) },
    { subject: "Released", lines: released === undefined ? [] : releasedLines(released) },
    { subject: "Announced", lines: announcement === undefined ? [] : announcedLines(announcement) },
    ...(ownership === undefined ? [] : ownershipParagraphs(ownership)),
  ];
}

function holderLine({ service, since, terms }: Holder): string {
  if (terms === undefined) return `${service}, since ${since}`;
  const { key, ports, namespaces, policy } = terms;
  const consent = namespaces.length === 0 ? "" : `, with namespaces ${namespaces.join(", ")}`;
  return `${service}, since ${since}, shares by key "${key}"${consent}: ${ports.join(", ") || "no port"}, ${policy}`;
}

function releasedLines({ service, at, rememberedUntil, coolingUntil }: Remembered): readonly string[] {
  return [
    `by ${service} at ${at}`,
    ...(rememberedUntil === undefined ? [] : [`remembered for it until ${rememberedUntil}`]),
    ...(coolingUntil === undefined ? [] : [`rests until ${coolingUntil}`]),
  ];
}

function announcedLines(announcement: Announcement): readonly Line[] {
  const { group, node, holder, protocol, holders, conditions } = announcement;
  const troubles = conditions.flatMap(conditionLine);
  const routes = holders === undefined ? [] : [routersLine(announcement)];
  if (protocol === "BGP" || (holders !== undefined && group === "" && node === "")) return [...routes, ...troubles];
  const placed = node === "" ? "placed on no node" : `placed on ${node}${group === "" ? "" : ` of group ${group}`}`;
  const by = holder === "" ? "by no node" : `by ${holder} (${onLan(protocol)})`;
  return [{ text: `${by}, ${placed}`, tone: holder === "" ? "bad" : "good" }, ...routes, ...troubles];
}

/** Of an address that is announced in both ways, how it is on the LAN. */
function onLan(protocol: string): string {
  return protocol.replace("+BGP", "");
}

function routersLine({ holders = [], announcers }: Announcement): Line {
  const wanted = announcers === undefined ? "every eligible node" : announcers.join(", ") || "no node";
  const by = holders.length === 0 ? "by no node" : `by ${holders.join(", ")}`;
  return { text: `${by} (BGP), wanted from ${wanted}`, tone: holders.length === 0 ? "bad" : "good" };
}

function conditionLine({ type, status, reason, message }: Announcement["conditions"][number]): readonly Line[] {
  const isTrouble = type === "Conflict" ? status === "True" : status !== "True";
  return isTrouble ? [{ text: `${reason}: ${message}`, tone: "bad" }] : [];
}

function tablesOf({ pools, announcement, ownership, routes, suitors, unreadable }: AddressReport): readonly Table[] {
  return [
    ...(ownership === undefined ? [] : [memberTable(ownership)]),
    {
      title: "What nodes tell routers",
      heading: ["NODE", "PEER", "PREFIX", "ANSWER"],
      rows: (routes ?? []).map((row) => [row.node, row.peer, row.prefix, routeText(row)]),
    },
    {
      title: "Pools that cover it",
      heading: ["POOL", "ANSWER"],
      rows: pools.map((each) => [each.pool, coverText(each)]),
    },
    {
      title: "Services that want it",
      heading: ["SERVICE", "BECAUSE", "TOLD"],
      rows: suitors.map(({ service, because, answer }) => [service, `it ${because}`, answer]),
    },
    {
      title: "Nodes that answered for it",
      heading: ["SINCE", "NODE"],
      rows: (announcement?.history ?? []).map(({ time, node }) => [time, node]),
    },
    {
      title: "Objects that cannot be read",
      heading: ["OBJECT", "PROBLEMS"],
      rows: unreadable.map(({ object, problems }) => [object, problems.join("; ")]),
    },
  ];
}

function routeText({ state, reason, message }: RouteRow): string {
  if (state === "announced") return message === "" ? "told" : `told; ${message}`;
  return `${state === "pending" ? "to be told" : "not told"}: ${reason}: ${message}`;
}

function coverText({ gives, remarks, reservedFor }: PoolCover): string {
  const words = [gives ? "may give it" : "does not give it", ...remarks];
  return [...words, ...(reservedFor === undefined ? [] : [`reserved for ${reservedFor}`])].join(", ");
}
