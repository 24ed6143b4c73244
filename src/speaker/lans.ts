import type { NetworkState } from "../linux/interfaces.ts";
import { SystemCallError } from "../linux/libc.ts";
import { formatMac, type Mac } from "../net/mac.ts";
import type { Counters } from "./counters.ts";
import type { LanEvent, OnLan } from "./holding-ports.ts";
import { type Lan, type LanOptions, openLan } from "./lan.ts";

/** A LAN that can be used now, or why there is none. */
export type LanOrFailure = { readonly lan: Lan } | { readonly failure: string };

/** The LANs of this machine's interfaces, opened when they are first asked for. */
export type Lans = {
  /** The LAN of the interface of this name. */
  lanOf(name: string): LanOrFailure;
  /** Takes note of links that changed; gives the LANs that it closed for that. */
  update(state: NetworkState): ReadonlySet<Lan>;
  flush(nowMs: number): void;
  wakeAtMs(): number;
  close(): void;
};

/** What the LANs need to know and whom they tell; each LAN speaks of what it sees itself. */
export type LansOptions = {
  readonly answersFor: (where: OnLan) => boolean;
  readonly onEvent: (where: OnLan, event: LanEvent) => void;
  readonly counters: Counters;
};

/** No LAN is open yet, and no link known before the first `update`. */
export function createLans({ answersFor, onEvent, counters }: LansOptions): Lans {
  let links: NetworkState["links"] = [];
  let ownMacs = new Set<string>();
  const open = new Map<string, { readonly lan: Lan; readonly identity: string }>();
  const isOwnMac = (mac: Mac): boolean => ownMacs.has(formatMac(mac));
  return {
    lanOf: (name) => {
      const known = open.get(name);
      if (known !== undefined) return { lan: known.lan };
      const link = links.find((candidate) => candidate.name === name);
      if (link === undefined) return { failure: `interface ${name} does not exist` };
      if (!link.up) return { failure: `interface ${name} is down` };
      if (!link.ethernet) return { failure: `interface ${name} is not Ethernet` };
      const { index: lanIndex, mac } = link;
      const opened = tryOpen(name, {
        index: lanIndex,
        mac,
        isOwnMac,
        counters,
        answersFor: (address) => answersFor({ address, lanIndex }),
        onEvent: (address, event) => onEvent({ address, lanIndex }, event),
      });
      if ("lan" in opened) open.set(name, { lan: opened.lan, identity: identityOf(link) });
      return opened;
    },
    update: (state) => {
      links = state.links;
      ownMacs = new Set(links.map(({ mac }) => formatMac(mac)));
      const closed = new Set<Lan>();
      for (const [name, { lan, identity }] of open) {
        const link = links.find((candidate) => candidate.name === name);
        if (link !== undefined && identityOf(link) === identity) continue;
        open.delete(name);
        lan.close();
        closed.add(lan);
      }
      return closed;
    },
    flush: (nowMs) => {
      for (const { lan } of open.values()) lan.flush(nowMs);
    },
    wakeAtMs: () => Math.min(...[...open.values()].map(({ lan }) => lan.wakeAtMs())),
    close: () => {
      for (const { lan } of open.values()) lan.close();
      open.clear();
    },
  };
}

/** A LAN serves only the very device that it was opened on, with the hardware address that was announced, and while it is up. */
function identityOf({ index, mac, up }: NetworkState["links"][number]): string {
  return `${index} ${formatMac(mac)} ${up}`;
}

function tryOpen(name: string, options: LanOptions): LanOrFailure {
  try {
    return { lan: openLan(options) };
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return { failure: `open sockets on ${name}: ${error.message}` };
  }
}
