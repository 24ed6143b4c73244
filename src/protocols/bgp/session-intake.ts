import { type Message, type Notification, type Open, type RouteRefresh, unicastFamily } from "./message.ts";
import { openProblem } from "./open-check.ts";
import { agreement } from "./session-agreement.ts";
import type { Journal } from "./session-journal.ts";
import type { Machine } from "./session-machine.ts";
import { collisionWith, type Machines } from "./session-machines.ts";
import { isPrefixLimit, outdone, outdoneSilently, refusesCapabilities, refusesVersion } from "./session-notices.ts";
import type { OutgoingRoutes } from "./session-outgoing.ts";
import type { SessionSettings } from "./session-settings.ts";
import { notificationText } from "./shutdown-communication.ts";

/** What messages are judged by, and whom they are told. */
export type IntakeParts = {
  readonly settings: SessionSettings;
  readonly journal: Journal;
  readonly outgoing: OutgoingRoutes;
};

type Opens = { readonly ours: Open; readonly peer: Open };

/** Turns the peer's messages into events of the machine over whose connection they came. */
export class Intake {
  /** The peer may know no capabilities: the next OPEN is to have none, that one alone. */
  bare = false;
  readonly #machines: Machines;
  readonly #parts: IntakeParts;

  constructor(machines: Machines, parts: IntakeParts) {
    this.#machines = machines;
    this.#parts = parts;
  }

  take(machine: Machine, message: Message, nowMs: number): void {
    const { journal } = this.#parts;
    if (message.kind !== "notification") journal.message("received", message.kind);
    switch (message.kind) {
      case "open":
        this.#takeOpen(machine, message, nowMs);
        break;
      case "keepalive":
        machine.fire("keepalive", { words: keepaliveWords(machine) }, nowMs);
        break;
      case "notification":
        this.#takeNotification(machine, message, nowMs);
        break;
      case "update":
        journal.count("updateFaults", message.faults.length);
        journal.prefixes(message.announced);
        machine.fire("update", { words: "an UPDATE came too early" }, nowMs);
        break;
      case "route-refresh":
        this.#takeRefresh(machine, message, nowMs);
        break;
    }
  }

  #takeOpen(machine: Machine, peer: Open, nowMs: number): void {
    const ours = machine.connection?.ours;
    if (ours === undefined || machine.state !== "OpenSent")
      machine.fire("open", { words: "a second OPEN came" }, nowMs);
    else this.#judgeOpen(machine, { ours, peer }, nowMs);
  }

  #judgeOpen(machine: Machine, { ours, peer }: Opens, nowMs: number): void {
    const { settings } = this.#parts;
    const problem = openProblem(peer, ours, settings);
    if (problem !== undefined)
      machine.fire("openError", { words: problem.message, notification: problem.notification }, nowMs);
    const words = this.#resolveCollisions(machine, peer, nowMs);
    if (machine.connection === undefined) return;
    machine.connection.agree(agreement(ours, peer));
    machine.fire("open", { words }, nowMs);
  }

  /** Ends the connections that are to end, also the newer one itself. What it gives back is how the OPEN is to be taken. */
  #resolveCollisions(newer: Machine, peer: Open, nowMs: number): string {
    let words = "the peer's OPEN is accepted";
    for (const older of this.#machines.others(newer)) {
      const end = newer.connection && collisionWith(older, newer, peer);
      if (end === "close-older") older.fire("openCollisionDump", outdone, nowMs);
      if (end === "close-newer") newer.fire("openCollisionDump", outdone, nowMs);
      if (end !== "close-older-silently") continue;
      words = outdoneSilently.words;
      older.fire("openCollisionDump", outdoneSilently, nowMs);
    }
    return words;
  }

  #takeNotification(machine: Machine, notification: Notification, nowMs: number): void {
    this.#parts.journal.notification("received", notification, nowMs);
    this.bare = refusesCapabilities(notification) && machine.connection?.ours?.capabilities.fourOctetAs === true;
    const event = refusesVersion(notification) ? "notificationVersionError" : "notification";
    const words = `the peer ended the session: ${notificationText(notification)}`;
    machine.fire(event, { words, prefixLimit: isPrefixLimit(notification) }, nowMs);
  }

  /** One that was not asked for is a peer's right: the capability was sent to it. */
  #takeRefresh(machine: Machine, { afi, safi, subtype }: RouteRefresh, nowMs: number): void {
    machine.fire("update", { words: "a ROUTE-REFRESH came too early" }, nowMs);
    const family = unicastFamily(afi, safi);
    if (machine.state === "Established" && subtype === 0 && family !== undefined)
      this.#parts.outgoing.routes.refresh(family);
  }
}

function keepaliveWords({ state }: Machine): string {
  return state === "OpenSent" ? "a KEEPALIVE came before the OPEN" : "the peer accepted the OPEN";
}
