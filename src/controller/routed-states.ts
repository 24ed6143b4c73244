import { isGone } from "../announce/eligibility.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressText } from "./address-text.ts";
import type { AddressState, NodeReport } from "./node-reports.ts";

type Reports = ReadonlyMap<string, NodeReport>;

/** By the name of an address's object: the nodes that say that they announce it by BGP, sorted by name. */
export type Routes = ReadonlyMap<string, readonly string[]>;

/** Gathers who announces what by BGP; lists that are equal are the very same array, also from one time to the next. */
export class RouteBook {
  #lists: ReadonlyMap<string, readonly string[]> = new Map();
  #last: { readonly reports: Reports; readonly routes: Routes } | undefined;

  /** The routes that the nodes report; a dead agent's word counts for nothing. The very same map for the very same reports. */
  at(reports: Reports): Routes {
    if (this.#last?.reports === reports) return this.#last.routes;
    const lists = new Map<string, readonly string[]>();
    const routes = new Map(
      [...routersByAddress(reports)].map(([name, routers]) => {
        const key = routers.join(" ");
        const list = lists.get(key) ?? this.#lists.get(key) ?? routers;
        lists.set(key, list);
        return [name, list] as const;
      }),
    );
    this.#lists = lists;
    this.#last = { reports, routes };
    return routes;
  }
}

function routersByAddress(reports: Reports): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const node of [...reports.keys()].sort()) {
    const report = reports.get(node);
    if (report === undefined || report.liveness === "dead") continue;
    for (const name of report.routing) {
      const routers = found.get(name);
      if (routers === undefined) found.set(name, [node]);
      else routers.push(node);
    }
  }
  return found;
}

const among = new WeakMap<readonly string[], WeakMap<ReadonlySet<string>, readonly string[]>>();

/** Those of the list that are in the set: the very same array for the very same two. */
export function believed(said: readonly string[], rights: ReadonlySet<string>): readonly string[] {
  const known = among.get(said) ?? new WeakMap<ReadonlySet<string>, readonly string[]>();
  const found =
    known.get(rights) ?? (said.every((name) => rights.has(name)) ? said : said.filter((name) => rights.has(name)));
  known.set(rights, found);
  among.set(said, known);
  return found;
}

/**
 * The state of an address that is announced by BGP, and on the LAN too if `onLan` is there: announced if it is so in either
 * way. Where announcers are named they are believed, and those that announced it when the status was last written.
 */
export function routedState(
  advertisement: Advertisement,
  onLan: AddressState | undefined,
  { reports, said = [] }: { readonly reports: Reports; readonly said: readonly string[] | undefined },
): AddressState {
  const { announcers, status, address } = advertisement;
  const routers =
    announcers === undefined
      ? said
      : said.filter((name) => announcers.includes(name) || status.holders?.includes(name) === true);
  if (routers.length === 0) return unrouted(onLan, routeSilence(advertisement, reports));
  const by = `${namesOf(routers)} ${routers.length === 1 ? "announces" : "announce"}`;
  const words = {
    message: `${by} ${addressText(address)} by BGP`,
    gist: `${addressText(address)} is announced by BGP`,
  };
  if (onLan === undefined) {
    const holder = routers.includes(status.holder) ? status.holder : (routers[0] ?? "");
    return { holder, routers, reason: "Announced", ...words };
  }
  if (onLan.holder === "")
    return { ...onLan, routers, reason: "Announced", ...words, besides: `not on the LAN: ${onLan.message}` };
  const message = `${onLan.message}; ${by} it by BGP`;
  return { ...onLan, routers, message, gist: `${onLan.message}; it is announced by BGP too` };
}

type Silence = Pick<AddressState, "reason" | "message">;

function unrouted(onLan: AddressState | undefined, silence: Silence): AddressState {
  if (onLan === undefined) return { holder: "", routers: [], ...silence };
  if (onLan.holder !== "") return { ...onLan, routers: [], besides: `not by BGP: ${silence.message}` };
  return { ...onLan, routers: [], message: `on the LAN: ${onLan.message}; by BGP: ${silence.message}` };
}

/** Why no node announces it by BGP. */
function routeSilence({ name, announcers }: Advertisement, reports: Reports): Silence {
  if (announcers?.length === 0) return { reason: "NoEligibleNode", message: "no node may announce it at present" };
  const { silence, refusing } = hushOf(announcers, reports);
  for (const [node, report] of refusing) {
    const refusal = report.refusing.get(name);
    if (refusal !== undefined) return { reason: refusal.reason, message: `${node}: ${refusal.message}` };
  }
  return silence;
}

/** Why these nodes announce nothing that they are not known to refuse, and those of them that live and refuse anything. */
type Hush = { readonly silence: Silence; readonly refusing: readonly (readonly [node: string, report: NodeReport])[] };

const hushes = new WeakMap<Reports, Map<string, Hush>>();

/** Found once for all addresses with the same announcers: any report may change it of every address that nobody announces. */
function hushOf(announcers: readonly string[] | undefined, reports: Reports): Hush {
  const known = hushes.get(reports) ?? new Map<string, Hush>();
  hushes.set(reports, known);
  const key = announcers?.join(" ") ?? "";
  const hush = known.get(key) ?? hushAmong(announcers, reports);
  known.set(key, hush);
  return hush;
}

function hushAmong(announcers: readonly string[] | undefined, reports: Reports): Hush {
  const live = (announcers ?? [...reports.keys()]).flatMap((node) => {
    const report = reports.get(node);
    return report === undefined || isGone(report.liveness) ? [] : [[node, report] as const];
  });
  return { silence: silenceOf(announcers, live), refusing: live.filter(([, { refusing }]) => refusing.size > 0) };
}

function silenceOf(announcers: readonly string[] | undefined, live: Hush["refusing"]): Silence {
  if (live.length === 0) {
    const where = announcers === undefined ? "any node" : namesOf(announcers);
    return { reason: "NodeDown", message: `the agent on ${where} does not run` };
  }
  const established = live.filter(([, report]) => report.of.bgp?.some(({ state }) => state === "Established"));
  if (established.length === 0) {
    const message = `no BGP session of ${namesOf(live.map(([node]) => node))} is established`;
    return { reason: "NoSession", message };
  }
  const message = `${namesOf(established.map(([node]) => node))} told no router of it yet`;
  return { reason: "NotYetAnnounced", message };
}

const namedInMessage = 3;

/** `node1`, `node1 and node2`, `node1, node2, node3 and 2 more`. */
export function namesOf(names: readonly string[]): string {
  const more = names.length - namedInMessage;
  const parts = more > 0 ? [...names.slice(0, namedInMessage), `${more} more`] : names;
  return [parts.slice(0, -1).join(", "), ...parts.slice(-1)].filter((part) => part !== "").join(" and ");
}
