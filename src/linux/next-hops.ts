import type { NetlinkMessage } from "./netlink-codec.ts";
import { dumpInParts, type NetlinkSocket } from "./netlink-socket.ts";
import { decodeNextHops, messageType, type NextHop, routeDump } from "./rtnetlink.ts";

/** Wait before the routes are read anew after an event about a default route, so that one reading does for several. */
const SOON_MS = 500;
/** The same after the end of another route: at worst a router is known for longer than it is used. */
const SELDOM_MS = 60_000;
/** A reading is followed by a rest of so many times what it took. */
const REST_PER_READING = 4;

const families = [4, 6] as const;

/** The next hops of the main table that are a default route's or a router; a table may have a million routes. */
export type NextHops = {
  list(): readonly NextHop[];
  /** Takes note of a newRoute or delRoute message. */
  note(message: NetlinkMessage): void;
  /** Has all routes read anew soon. */
  readAnew(): void;
  close(): void;
};

/** What is known, each next hop once. */
export type KnownHops = ReadonlyMap<string, NextHop>;

/** What an event means: `learn` these, and read all routes anew, after so long. */
export type RouteNews = { readonly learn: readonly NextHop[]; readonly readInMs: number | undefined };

/**
 * What follows from a newRoute or delRoute message. Only default routes matter enough to be read anew for; of others a
 * new next hop is known from the message itself, and what a full table's churn tells is known already.
 */
export function routeNews({ type, payload }: NetlinkMessage, known: KnownHops): RouteNews {
  const hops = relevantHops(payload);
  if (hops.some(({ isDefault }) => isDefault)) return { learn: [], readInMs: SOON_MS };
  if (type === messageType.delRoute) return { learn: [], readInMs: hops.length > 0 ? SELDOM_MS : undefined };
  return { learn: hops.filter((hop) => !known.has(hopKey(hop))), readInMs: undefined };
}

/** Routes without a router come and go with each Pod, and mean nothing. */
function relevantHops(payload: Uint8Array): readonly NextHop[] {
  return decodeNextHops(payload).filter((hop) => hop.isDefault || hop.gateway !== undefined);
}

/** A text that is the same for the same next hop. */
export function hopKey({ index, gateway, isDefault }: NextHop): string {
  return `${index} ${gateway?.family} ${gateway?.value} ${isDefault}`;
}

function collect(into: Map<string, NextHop>, hops: readonly NextHop[]): void {
  for (const hop of hops) into.set(hopKey(hop), hop);
}

/** Reads the next hops at once, then follows; `onChange` is called after each change (perhaps more often). @throws {SystemCallError} */
export function openNextHops(netlink: NetlinkSocket, onChange: () => void): NextHops {
  let known = new Map<string, NextHop>();
  for (const family of families)
    for (const { payload } of netlink.dump(messageType.getRoute, routeDump(family)))
      collect(known, relevantHops(payload));
  let reading: { readonly found: Map<string, NextHop>; close(): void } | undefined;
  let told: NodeJS.Immediate | undefined;
  const timer = createTimer(() => {
    const startMs = performance.now();
    reading = readInParts((found) => {
      known = found;
      reading = undefined;
      timer.rest(REST_PER_READING * (performance.now() - startMs));
      onChange();
    });
  });
  return {
    list: () => [...known.values()],
    note: (message) => {
      const { learn, readInMs } = routeNews(message, known);
      if (readInMs !== undefined) timer.start(readInMs);
      if (learn.length === 0) return;
      for (const map of [known, reading?.found]) if (map !== undefined) collect(map, learn);
      told ??= setImmediate(() => {
        told = undefined;
        onChange();
      });
    },
    readAnew: () => timer.start(SOON_MS),
    close: () => {
      timer.close();
      clearImmediate(told);
      reading?.close();
    },
  };
}

/** Reads all routes of both families between other work. */
function readInParts(onEnd: (found: Map<string, NextHop>) => void): {
  readonly found: Map<string, NextHop>;
  close(): void;
} {
  const found = new Map<string, NextHop>();
  const left = [...families];
  let dump: { close(): void } | undefined;
  const next = (): void => {
    const family = left.shift();
    if (family === undefined) {
      dump = undefined;
      onEnd(found);
      return;
    }
    dump = dumpInParts(
      { type: messageType.getRoute, payload: routeDump(family) },
      {
        part: (messages) => {
          for (const { payload } of messages) collect(found, relevantHops(payload));
        },
        end: next,
      },
    );
  };
  next();
  return { found, close: () => dump?.close() };
}

type Timer = { start(inMs: number): void; rest(ms: number): void; close(): void };

/** One timer for several reasons: the earliest counts. What is asked for while `work` has not come to its rest waits for that. */
function createTimer(work: () => void): Timer {
  let dueMs = Number.POSITIVE_INFINITY;
  let notBeforeMs = 0;
  let timeout: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timeout);
    const atMs = Math.max(dueMs, notBeforeMs);
    if (atMs === Number.POSITIVE_INFINITY) return;
    timeout = setTimeout(
      () => {
        dueMs = Number.POSITIVE_INFINITY;
        notBeforeMs = Number.POSITIVE_INFINITY;
        work();
      },
      Math.max(1, atMs - performance.now()),
    );
  };
  return {
    start: (inMs) => {
      const atMs = performance.now() + inMs;
      if (atMs >= dueMs) return;
      dueMs = atMs;
      arm();
    },
    rest: (ms) => {
      notBeforeMs = performance.now() + ms;
      arm();
    },
    close: () => clearTimeout(timeout),
  };
}
