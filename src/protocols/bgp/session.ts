import type { RouteAbsence } from "./adj-out.ts";
import { type Endpoints, sameEndpoints, type WantedRoute } from "./adj-out-export.ts";
import { type Command, Commands } from "./session-commands.ts";
import { type DampingTimes, dampingTimes } from "./session-damping.ts";
import { Journal, type SessionNews } from "./session-journal.ts";
import { pathDown, type StopReason, stopCause } from "./session-notices.ts";
import { OutgoingRoutes } from "./session-outgoing.ts";
import { Peering } from "./session-peering.ts";
import { agreementReport, type SessionReport } from "./session-report.ts";
import { Rest } from "./session-rest.ts";
import type { SessionSettings, SessionTimes } from "./session-settings.ts";

export type { RouteAbsence } from "./adj-out.ts";
export type { Endpoints, RouteAttributes, WantedRoute } from "./adj-out-export.ts";
export type { Command } from "./session-commands.ts";
export type { SessionNews } from "./session-journal.ts";
export type { StopReason } from "./session-notices.ts";
export type { SessionReport } from "./session-report.ts";
export type { SessionSettings } from "./session-settings.ts";

/** `random` gives numbers in 0 to 1, evenly; it is asked for jitter only. */
export type SessionOptions = {
  readonly settings: SessionSettings;
  readonly random: () => number;
  readonly damping?: DampingTimes;
};

/** What becomes of a connection that the peer began: its number from here on; or why it is to be closed without a word. */
export type Offer = { readonly connection: number } | { readonly refused: string };

/**
 * One BGP session that announces and never imports: RFC 4271, 8, with the machines of all its connections. No I/O; all times are
 * milliseconds of one monotonic clock. After each call carry out `takeCommands`, read `takeNews`, and call `tick` at `wakeAtMs`:
 * routes are sent by `tick` alone, so that changes which come together go together.
 */
export class Session {
  readonly #commands = new Commands();
  readonly #journal: Journal;
  readonly #outgoing: OutgoingRoutes;
  readonly #rest: Rest;
  readonly #peering: Peering;
  #times: SessionTimes;
  #lastMs: number;

  /** It counts as restarted: the peer may still have routes of a session before it, of this process or of this node's last one. */
  constructor({ settings, random, damping = dampingTimes }: SessionOptions, nowMs: number) {
    this.#times = settings;
    this.#lastMs = nowMs;
    this.#journal = new Journal(nowMs);
    this.#rest = new Rest(damping, random);
    this.#outgoing = new OutgoingRoutes(settings, this.#commands, this.#journal);
    this.#peering = new Peering({
      settings,
      times: () => this.#times,
      random,
      madeAtMs: nowMs,
      commands: this.#commands,
      journal: this.#journal,
      rest: this.#rest,
      outgoing: this.#outgoing,
    });
  }

  /** Begins to connect, or to wait for the peer; a session that runs goes on. */
  start(nowMs: number): void {
    this.#peering.start({ words: "started" }, nowMs);
    this.#settle(nowMs);
  }

  /** Ends the session; what failed before is forgotten. */
  stop(reason: StopReason, nowMs: number): void {
    this.#peering.stop(stopCause(reason), nowMs);
    this.#settle(nowMs);
  }

  /** Other times, without an interruption: timers that run are left as they are. */
  configure(times: SessionTimes): void {
    this.#times = times;
  }

  /** BFD lost the peer: an established session ends, and is tried again; the peer is to drop the routes. */
  pathDown(nowMs: number): void {
    this.#peering.machines.established?.fire("automaticStop", pathDown, nowMs);
    this.#settle(nowMs);
  }

  /** All routes that the peer is to know, in place of those before; also none says that they are known now. */
  setRoutes(routes: Iterable<WantedRoute>): void {
    this.#outgoing.routes.set(routes);
  }

  /** The peer began a connection, from the address and to the port that are this session's. */
  offered(endpoints: Endpoints, nowMs: number): Offer {
    const refused = this.#peering.refusal();
    if (refused !== undefined) return { refused };
    const connection = this.#commands.nextConnection();
    this.#peering.accept(connection, endpoints, nowMs);
    this.#settle(nowMs);
    return { connection };
  }

  /** A connection that was asked for is there. */
  connected(connection: number, endpoints: Endpoints, nowMs: number): void {
    const machine = this.#peering.machines.find(connection);
    if (machine?.connection === undefined) return;
    machine.connection.endpoints = endpoints;
    machine.fire("tcpRequestAcknowledged", { words: "connected" }, nowMs);
    this.#settle(nowMs);
  }

  /** Packets reach this node elsewhere than before from the peer of a connection that stands: routes that this changes are told anew. */
  moved(connection: number, endpoints: Endpoints, nowMs: number): void {
    const machine = this.#peering.machines.find(connection);
    const before = machine?.connection?.endpoints;
    if (machine?.connection === undefined || before === undefined || sameEndpoints(before, endpoints)) return;
    machine.connection.endpoints = endpoints;
    if (machine.state === "Established") this.#outgoing.move(machine.connection);
    this.#settle(nowMs);
  }

  /** A connection could not be made, or the transport lost it, or the peer ended it; `why` in words. */
  closed(connection: number, why: string, nowMs: number): void {
    this.#peering.machines.find(connection)?.lost({ words: why }, nowMs);
    this.#settle(nowMs);
  }

  /** Bytes of the peer, however they are cut. */
  received(connection: number, bytes: Uint8Array, nowMs: number): void {
    const machine = this.#peering.machines.find(connection);
    machine?.receive(bytes, nowMs, (message) => {
      this.#peering.intake.take(machine, message, nowMs);
      this.#settle(nowMs);
    });
    this.#settle(nowMs);
  }

  /** The transport takes no more bytes until `writable`; what must go before that waits. */
  full(connection: number, nowMs: number): void {
    this.#peering.machines.find(connection)?.setWritable(false, nowMs);
    this.#settle(nowMs);
  }

  writable(connection: number, nowMs: number): void {
    this.#peering.machines.find(connection)?.setWritable(true, nowMs);
    this.#settle(nowMs);
  }

  /** Lets time go by, and sends some of the routes that wait. */
  tick(nowMs: number): void {
    this.#peering.tick(nowMs);
    const connection = this.#peering.machines.established?.connection;
    if (connection !== undefined && this.#outgoing.flush(connection)) this.#peering.restarting.over();
    this.#settle(nowMs);
  }

  /** When `tick` is to be called; it may lie in the past. Infinity: nothing is due until another input. */
  wakeAtMs(): number {
    const { machines } = this.#peering;
    const flushes = machines.established?.connection?.writable === true && this.#outgoing.routes.pending;
    const wakes = machines.all.map((machine) => machine.wakeAtMs());
    return Math.min(flushes ? this.#lastMs : Number.POSITIVE_INFINITY, this.#rest.untilMs, ...wakes);
  }

  /** What the transport is to be asked for; each is given once. */
  takeCommands(): readonly Command[] {
    return this.#commands.take();
  }

  /** What happened since the last call. */
  takeNews(): readonly SessionNews[] {
    return this.#journal.takeNews();
  }

  /** Wanted routes that the Established session does not tell, the first 10,000; the same object as long as it says the same. */
  absences(): readonly RouteAbsence[] {
    return this.#outgoing.routes.absences;
  }

  /** What is to be seen of it from outside. */
  describe(nowMs: number): SessionReport {
    const { state, reason, sinceMs, counters, last } = this.#journal;
    const { rests, untilMs, failures } = this.#rest;
    const { machines } = this.#peering;
    const { agreement, endpoints } = machines.all.find((machine) => machine.state === state)?.connection ?? {};
    return {
      state,
      reason,
      sinceMs,
      failures,
      counters,
      connections: machines.connections,
      routes: this.#outgoing.routes.counts,
      lastNotification: { ...last },
      ...(state === "Established" && { uptimeMs: nowMs - sinceMs }),
      ...(rests && { restsUntilMs: untilMs }),
      ...(agreement && endpoints && { agreed: agreementReport(agreement, endpoints, this.#times) }),
    };
  }

  #settle(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#peering.settle(nowMs);
  }
}
