import { formatPrefix } from "../../../src/net/prefix.ts";
import { Session, type SessionSettings, type WantedRoute } from "../../../src/protocols/bgp/session.ts";
import type { Command } from "../../../src/protocols/bgp/session-commands.ts";
import type { MakeSession } from "./herald.ts";

const TYPE_AT = 18;
const UPDATE = 2;
const KEEPALIVE = 4;

/** A session of which some of what it writes is lost. */
class Lossy extends Session {
  readonly #loses: (bytes: Uint8Array) => boolean;

  constructor(settings: SessionSettings, random: () => number, nowMs: number, loses: (bytes: Uint8Array) => boolean) {
    super({ settings, random }, nowMs);
    this.#loses = loses;
  }

  override takeCommands(): readonly Command[] {
    return super.takeCommands().filter((command) => command.kind !== "write" || !this.#loses(command.bytes));
  }
}

const losing =
  (loses: () => (bytes: Uint8Array) => boolean): MakeSession =>
  (settings, random, nowMs) =>
    new Lossy(settings, random, nowMs, loses());

const isEndOfRib = (bytes: Uint8Array): boolean =>
  bytes[TYPE_AT] === UPDATE && (bytes.length === 23 || bytes.length === 29);

/** Of two routes of one prefix the first one stays. */
class Stubborn extends Session {
  readonly #kept = new Map<string, WantedRoute>();

  override setRoutes(routes: Iterable<WantedRoute>): void {
    const now = [...routes].map((route) => this.#kept.get(formatPrefix(route.prefix)) ?? route);
    for (const route of now) this.#kept.set(formatPrefix(route.prefix), route);
    super.setRoutes(now);
  }
}

/** What is not wanted any more is not withdrawn. */
class Hoarding extends Session {
  readonly #all = new Map<string, WantedRoute>();

  override setRoutes(routes: Iterable<WantedRoute>): void {
    for (const route of routes) this.#all.set(formatPrefix(route.prefix), route);
    super.setRoutes(this.#all.values());
  }
}

/** Once it rests after a failure it is never woken. */
class Sleeper extends Session {
  override wakeAtMs(): number {
    return this.describe(0).restsUntilMs === undefined ? super.wakeAtMs() : Number.POSITIVE_INFINITY;
  }
}

/** A peer that asks for all routes again is not heard. */
class Deaf extends Session {
  override received(connection: number, bytes: Uint8Array, nowMs: number): void {
    if (bytes[TYPE_AT] !== 1 || this.describe(nowMs).counters.established === 0)
      super.received(connection, bytes, nowMs);
  }
}

/** Bugs that the simulation must find, by name. */
export const plants: Readonly<Record<string, MakeSession>> = {
  "every 40th UPDATE is lost": losing(() => {
    let updates = 0;
    return (bytes) => bytes[TYPE_AT] === UPDATE && ++updates % 40 === 0;
  }),
  "no KEEPALIVE is sent but the first": losing(() => {
    let keepalives = 0;
    return (bytes) => bytes[TYPE_AT] === KEEPALIVE && ++keepalives > 1;
  }),
  "End-of-RIB is not sent": losing(() => isEndOfRib),
  "attributes of a route never change": (settings, random, nowMs) => new Stubborn({ settings, random }, nowMs),
  "nothing is withdrawn": (settings, random, nowMs) => new Hoarding({ settings, random }, nowMs),
  "a session that rests is not woken": (settings, random, nowMs) => new Sleeper({ settings, random }, nowMs),
  "the OPEN of a second session is not heard": (settings, random, nowMs) => new Deaf({ settings, random }, nowMs),
};
