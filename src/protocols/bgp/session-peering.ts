import type { Endpoints } from "./adj-out-export.ts";
import { encodeKeepalive, encodeNotification, encodeOpen } from "./encode-message.ts";
import { Restarting } from "./graceful-restart.ts";
import type { Notification, Open } from "./message.ts";
import type { Commands } from "./session-commands.ts";
import { Intake } from "./session-intake.ts";
import type { Journal } from "./session-journal.ts";
import { Machine, type Moment, type Said, type Surroundings } from "./session-machine.ts";
import { Machines } from "./session-machines.ts";
import { type Cause, outdone } from "./session-notices.ts";
import { ownOpen } from "./session-open.ts";
import type { OutgoingRoutes } from "./session-outgoing.ts";
import type { Rest } from "./session-rest.ts";
import type { SessionSettings, SessionTimes } from "./session-settings.ts";

/** What a peering works with; `times`: those of the settings as they are now; `madeAtMs`: when the session was made. */
export type PeeringParts = {
  readonly settings: SessionSettings;
  readonly times: () => SessionTimes;
  readonly random: () => number;
  readonly madeAtMs: number;
  readonly commands: Commands;
  readonly journal: Journal;
  readonly rest: Rest;
  readonly outgoing: OutgoingRoutes;
};

/** The machines of a session and what is between them: who stays of two connections, when to rest, when to try again. */
export class Peering {
  readonly machines: Machines;
  readonly intake: Intake;
  readonly restarting: Restarting;
  readonly #parts: PeeringParts;
  #started = false;
  #reason = "not started";

  constructor(parts: PeeringParts) {
    this.#parts = parts;
    this.restarting = new Restarting(parts.settings, parts.madeAtMs);
    this.machines = new Machines(this.#machine());
    this.intake = new Intake(this.machines, parts);
  }

  start(cause: Cause, nowMs: number): void {
    if (this.#started) return;
    this.#started = true;
    this.machines.own.fire(this.#parts.settings.passive ? "manualStartPassive" : "manualStart", cause, nowMs);
  }

  stop(cause: Cause, nowMs: number): void {
    this.#started = false;
    this.intake.bare = false;
    this.#reason = cause.words;
    for (const machine of this.machines.all) machine.fire("manualStop", cause, nowMs);
    this.#parts.rest.forget();
  }

  /** Why a connection that the peer begins is not accepted now, or undefined. */
  refusal(): string | undefined {
    if (!this.#started) return "the session is stopped";
    if (this.#parts.rest.refuses) return "the session rests after failures";
    const held = this.machines.established?.connection?.agreement;
    return held === undefined || held.peer.capabilities.gracefulRestart ? undefined : "the session is established";
  }

  /** A connection that the peer began takes the place of one of which it has not yet come to a session. */
  accept(connection: number, endpoints: Endpoints, nowMs: number): void {
    for (const machine of this.machines.offered)
      if (machine.state !== "Established") machine.fire("openCollisionDump", outdone, nowMs);
    const machine = this.#machine(connection);
    this.machines.add(machine);
    if (machine.connection !== undefined) machine.connection.endpoints = endpoints;
    machine.fire("tcpConnectionConfirmed", { words: "the peer connected" }, nowMs);
  }

  /** Fires what is due. */
  tick(nowMs: number): void {
    for (const machine of this.machines.all) machine.tick(nowMs);
    if (nowMs < this.#parts.rest.untilMs) return;
    this.#parts.rest.end();
    this.machines.own.fire("idleHoldTimerExpires", { words: "tries again" }, nowMs);
  }

  /** After every input: a session that was started never stands still, and what it came to is noted. */
  settle(nowMs: number): void {
    const { rest, journal, outgoing } = this.#parts;
    const { machines } = this;
    machines.sweep();
    const idle = machines.own.state === "Idle" && machines.offered.length === 0;
    if (this.#started && idle && !rest.rests) rest.briefly(nowMs);
    if (journal.state === "Established" && machines.established === undefined) outgoing.routes.end();
    journal.stand(machines.state, this.#reason, nowMs);
  }

  #establish(machine: Machine, nowMs: number): void {
    const { journal, rest, outgoing } = this.#parts;
    for (const other of this.machines.others(machine)) other.fire("openCollisionDump", outdone, nowMs);
    rest.end();
    journal.count("established");
    if (machine.connection !== undefined) outgoing.begin(machine.connection);
  }

  /** A machine failed: the session rests, and its own machine with it, unless that is already speaking with the peer. */
  #damp(machine: Machine, { cause, nowMs }: Moment): void {
    if (this.machines.established !== undefined) return;
    const { rest } = this.#parts;
    const restMs = rest.count(cause.prefixLimit ? "prefixLimit" : "other");
    const { own } = this.machines;
    if (machine !== own && own.state !== "Connect" && own.state !== "Active" && own.state !== "Idle") return;
    if (machine !== own) own.fire("openCollisionDump", cause, nowMs);
    rest.begin(nowMs, restMs);
  }

  #machine(offered?: number): Machine {
    const { commands, journal, rest, settings, times, random } = this.#parts;
    const around: Surroundings = {
      passive: settings.passive,
      times,
      random,
      connect: () => {
        journal.count("connects");
        return commands.connect();
      },
      close: (connection: number) => commands.close(connection),
      sendOpen: (connection: number, nowMs: number) => this.#sendOpen(connection, nowMs),
      sendKeepalive: (connection: number) => {
        commands.write(connection, encodeKeepalive());
        journal.message("sent", "keepalive");
      },
      sendNotification: (connection: number, notification: Notification, { nowMs, words }: Said) => {
        commands.write(connection, encodeNotification(notification));
        journal.notification("sent", notification, nowMs, words);
      },
      damp: (machine: Machine, moment: Moment) => this.#damp(machine, moment),
      forget: () => rest.forget(),
      restart: (nowMs: number) => this.#restart(nowMs),
      established: (machine: Machine, nowMs: number) => this.#establish(machine, nowMs),
      unestablished: (nowMs: number) => rest.wasEstablished(nowMs - journal.sinceMs),
      stepped: ({ words }: Cause) => {
        this.#reason = words;
      },
    };
    return new Machine(around, offered);
  }

  #sendOpen(connection: number, nowMs: number): Open {
    const { commands, journal, settings } = this.#parts;
    const open = ownOpen(settings, { restarting: this.restarting.at(nowMs), bare: this.intake.bare });
    this.intake.bare = false;
    commands.write(connection, encodeOpen(open));
    journal.message("sent", "open");
    return open;
  }

  #restart(nowMs: number): void {
    const event = this.#parts.settings.passive ? "automaticStartDampedPassive" : "automaticStartDamped";
    this.machines.own.fire(event, { words: "tries again" }, nowMs);
  }
}
