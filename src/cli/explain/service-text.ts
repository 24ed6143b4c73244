import type { Terminal } from "../terminal.ts";
import type { Said } from "./report.ts";
import type { CandidateRow, Held, PoolRow, ServiceReport, Wants } from "./service-report.ts";
import { type Line, type Paragraph, printExplanation, type Table } from "./text.ts";

/** Prints the report on a Service for people. */
export function printService(report: ServiceReport, terminal: Terminal): void {
  const { namespace, name } = report;
  printExplanation(`Service ${namespace}/${name}`, paragraphsOf(report), tablesOf(report), terminal);
}

function paragraphsOf(report: ServiceReport): readonly Paragraph[] {
  const { because, shows, pending, advice, holds } = report;
  return [
    { subject: "Handled", lines: because === undefined ? [] : [{ text: `no: ${because}`, tone: "odd" }] },
    { subject: "Allocated", lines: allocatedLines(report) },
    { subject: "Planned", lines: plannedLines(report) },
    { subject: "What to do", lines: advice === undefined ? [] : [`${advice.whatToDo} (${advice.section})`] },
    { subject: "Pending", lines: pending === undefined ? [] : [{ text: pending, tone: "odd" }] },
    { subject: "Asks for", lines: wantsLines(report.wants) },
    { subject: "Holds", lines: holds.length === 0 ? ["no address"] : holds.map(heldLine) },
    { subject: "Announced", lines: holds.map(announcedLine) },
    { subject: "Shows", lines: shows.ingress.length === 0 ? [] : [shows.ingress.join(", ")] },
  ];
}

function saidLine({ status, reason, message }: Said): Line {
  return { text: `${status} ${reason}: ${message}`, tone: status === "True" ? "good" : "bad" };
}

/** The condition as the Service shows it. */
function allocatedLines({ allocated, shows: { allocated: shown } }: ServiceReport): readonly Line[] {
  if (shown !== undefined) return [saidLine(shown), `since ${shown.since}`];
  return allocated === undefined ? [] : [{ text: "the Service has no condition yet", tone: "odd" }];
}

/** The condition that the controller has not written yet, where it is another than the one that is shown. */
function plannedLines({ allocated, pending, shows: { allocated: shown } }: ServiceReport): readonly Line[] {
  if (allocated === undefined || pending === undefined) return [];
  const same = shown?.reason === allocated.reason && shown.message === allocated.message;
  return same ? [] : [`${allocated.status} ${allocated.reason}: ${allocated.message}`];
}

function wantsLines(wants: Wants): readonly string[] {
  const { type, loadBalancerClass, families, ipFamilyPolicy, trafficPolicy, sharing } = wants;
  const kind = loadBalancerClass === undefined ? `type ${type}` : `type ${type}, class ${loadBalancerClass}`;
  return [
    `${families.join(" and ")} (${ipFamilyPolicy}), ${kind}, externalTrafficPolicy ${trafficPolicy}`,
    ...(wants.pools ? [`pool ${wants.pools.join(", then ")}`] : []),
    ...(wants.addresses ? [`address ${wants.addresses.join(", ")}`] : []),
    ...(wants.loadBalancerIP ? [`spec.loadBalancerIP ${wants.loadBalancerIP}`] : []),
    ...(sharing ? [sharingLine(sharing)] : []),
    ...wants.problems,
  ];
}

function sharingLine({ key, namespaces, ports }: NonNullable<Wants["sharing"]>): string {
  const consent = namespaces.length === 0 ? "" : ` with namespaces ${namespaces.join(", ")}`;
  return `shares by key "${key}"${consent}, ports ${ports.join(", ") || "none"}`;
}

function heldLine({ address, pool, since, sharedWith }: Held): string {
  const from = pool === "" ? "outside every pool" : `from pool ${pool}`;
  const others = sharedWith.length === 0 ? "" : `, shared with ${sharedWith.join(", ")}`;
  return `${address} ${from}, since ${since}${others}`;
}

function announcedLine({ address, placedOn, holder, holders, announced }: Held): Line {
  const placed = holder !== placedOn && placedOn !== "" ? ` (placed on ${placedOn})` : "";
  if (announced === undefined) return `${address}: not announced yet${placed}`;
  const { status, reason, message, since } = announced;
  if (status !== "True") return { text: `${address}: ${reason}: ${message}${placed}`, tone: "bad" };
  const by = holders === undefined ? `by ${holder}` : message;
  return { text: `${address}: ${by}${placed}, since ${since}`, tone: "good" };
}

function tablesOf({ candidates, pools, unreadablePools }: ServiceReport): readonly Table[] {
  return [
    {
      title: "Addresses in question",
      heading: ["ADDRESS", "AS", "ANSWER"],
      rows: candidates.map((row) => [row.address, row.as, candidateAnswer(row)]),
    },
    {
      title: "Pools, in order of choice, if it wanted one address more",
      heading: ["POOL", "FAMILY", "ANSWER"],
      rows: pools.map((row) => [row.pool, row.family, poolAnswer(row)]),
    },
    {
      title: "Pools that cannot be used",
      heading: ["POOL", "PROBLEMS"],
      rows: unreadablePools.map(({ object, problems }) => [object, problems.join("; ")]),
    },
  ];
}

function candidateAnswer({ held, reason, message }: CandidateRow): string {
  if (held) return "holds it";
  return reason === undefined ? "could have it" : `${reason}: ${message}`;
}

function poolAnswer({ says, address, reason, message }: PoolRow): string {
  switch (says) {
    case "gives":
      return `gives ${address}`;
    case "refuses":
      return `${reason}: ${message}`;
    case "not asked":
      return `not asked: ${message}`;
  }
}
