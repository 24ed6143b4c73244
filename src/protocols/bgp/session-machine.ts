import type { Message, Notification, Open } from "./message.ts";
import { hardReset } from "./notification-codes.ts";
import { keepaliveEveryMs } from "./session-agreement.ts";
import { Connection } from "./session-connection.ts";
import { type Cause, expiryCause, unexpected } from "./session-notices.ts";
import { OPEN_WAIT_MS, type SessionTimes } from "./session-settings.ts";
import type { EventName, State } from "./state.ts";
import { type Action, step } from "./state-table.ts";
import { jittered, type TimerName, Timers } from "./timers.ts";

/** An event's surroundings: why, when, and in which state it came. */
export type Moment = { readonly cause: Cause; readonly nowMs: number; readonly from: State };

/** What is to be told of a NOTIFICATION. */
export type Said = { readonly nowMs: number; readonly words?: string };

/** What a machine asks of the session that it is part of. */
export type Surroundings = {
  /** Whether it only waits for the peer to connect. */
  readonly passive: boolean;
  /** As they are now. */
  readonly times: () => SessionTimes;
  readonly random: () => number;
  /** Begins a connection; its number. */
  readonly connect: () => number;
  readonly close: (connection: number) => void;
  readonly sendOpen: (connection: number, nowMs: number) => Open;
  readonly sendKeepalive: (connection: number) => void;
  /** `words`: what this side knows beyond the NOTIFICATION, for its own people. */
  readonly sendNotification: (connection: number, notification: Notification, said: Said) => void;
  readonly damp: (machine: Machine, moment: Moment) => void;
  readonly forget: () => void;
  /** The machine rested enough. */
  readonly restart: (nowMs: number) => void;
  readonly established: (machine: Machine, nowMs: number) => void;
  /** It leaves Established, in whatever way; told before anything else comes of that. */
  readonly unestablished: (nowMs: number) => void;
  readonly stepped: (cause: Cause) => void;
};

/** One machine of RFC 4271, 8.2: the session's own one, or that of a connection which the peer began. */
export class Machine {
  readonly initiator: "us" | "peer";
  readonly #timers = new Timers();
  readonly #around: Surroundings;
  #state: State = "Idle";
  #connection: Connection | undefined;

  /** The session's own machine; with the number of a connection that the peer began, the one of that: it stands in Active. */
  constructor(around: Surroundings, offered?: number) {
    this.#around = around;
    this.initiator = offered === undefined ? "us" : "peer";
    if (offered === undefined) return;
    this.#state = "Active";
    this.#connection = new Connection(offered);
  }

  get state(): State {
    return this.#state;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** When `tick` is to be called. */
  wakeAtMs(): number {
    return this.#timers.nextAtMs();
  }

  /** Fires what is due. */
  tick(nowMs: number): void {
    for (let due = this.#timers.takeDue(nowMs); due !== undefined; due = this.#timers.takeDue(nowMs))
      this.fire(expiryEvent[due], expiryCause[due], nowMs);
  }

  /** One step of the machine, with all that belongs to it. */
  fire(event: EventName, cause: Cause, nowMs: number): void {
    const from = this.#state;
    const { next, actions } = step(from, event);
    this.#state = next;
    if (from === "Established" && next !== from) this.#around.unestablished(nowMs);
    for (const action of actions) this.#acts[action]({ cause, nowMs, from });
    if (next !== from) this.#around.stepped(cause);
  }

  /** The transport ended the connection by itself. */
  lost(cause: Cause, nowMs: number): void {
    this.#connection = undefined;
    this.fire("tcpConnectionFails", cause, nowMs);
  }

  /** Takes bytes in and tells each message; wrong ones end the connection, and nothing after its end is told. */
  receive(bytes: Uint8Array, nowMs: number, each: (message: Message) => void): void {
    const connection = this.#connection;
    connection?.push(bytes);
    while (connection !== undefined && this.#connection === connection) {
      const received = connection.next();
      if (received === undefined) return;
      if ("message" in received) each(received.message);
      else {
        const { error, words } = received;
        this.fire(errorEvent(error), { words, notification: error }, nowMs);
        return;
      }
    }
  }

  /** Whether the transport takes more; the KEEPALIVE that was held back is sent. */
  setWritable(writable: boolean, nowMs: number): void {
    const connection = this.#connection;
    if (connection === undefined || connection.writable === writable) return;
    connection.writable = writable;
    const sendHoldMs = connection.agreement?.sendHoldMs;
    if (writable) this.#timers.stop("sendHold");
    else if (sendHoldMs !== undefined) this.#timers.set("sendHold", nowMs + sendHoldMs);
    if (writable && connection.keepaliveOwed) this.#sendKeepalive();
  }

  readonly #acts: Readonly<Record<Action, (moment: Moment) => void>> = {
    connect: () => {
      this.#connection = new Connection(this.#around.connect());
    },
    close: () => this.#close(),
    open: ({ nowMs }) => {
      if (this.#connection !== undefined) this.#connection.ours = this.#around.sendOpen(this.#connection.number, nowMs);
    },
    keepalive: () => this.#sendKeepalive(),
    error: ({ cause: { notification, words }, nowMs }) => this.#notify(notification, { nowMs, words }),
    stateError: ({ cause: { words }, from, nowMs }) => this.#notify(unexpected(from), { nowMs, words }),
    cease: (moment) => this.#cease(moment),
    connectRetryTimer: ({ nowMs }) => this.#startConnectRetry(nowMs),
    keepaliveTimer: ({ nowMs }) => this.#startKeepalive(nowMs),
    holdTimer: ({ nowMs }) => this.#startHold(nowMs),
    openTimer: ({ nowMs }) => this.#timers.set("hold", nowMs + OPEN_WAIT_MS),
    stopTimers: () => this.#timers.stopAll(),
    damp: (moment) => this.#around.damp(this, moment),
    forget: () => this.#around.forget(),
    restart: ({ nowMs }) => this.#around.restart(nowMs),
    establish: ({ nowMs }) => this.#around.established(this, nowMs),
  };

  #close(): void {
    if (this.#connection !== undefined) this.#around.close(this.#connection.number);
    this.#connection = undefined;
  }

  /** While the peer takes nothing, KEEPALIVEs would only pile up: one is kept for later. */
  #sendKeepalive(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.keepaliveOwed = !connection.writable;
    if (connection.writable) this.#around.sendKeepalive(connection.number);
  }

  #cease({ cause: { notification, hard }, nowMs }: Moment): void {
    const wraps = hard === true && this.#connection?.agreement?.hardReset === true;
    this.#notify(wraps && notification ? hardReset(notification) : notification, { nowMs });
  }

  #notify(notification: Notification | undefined, said: Said): void {
    if (notification === undefined || this.#connection === undefined) return;
    this.#around.sendNotification(this.#connection.number, notification, said);
  }

  #startConnectRetry(nowMs: number): void {
    const { passive, times, random } = this.#around;
    if (this.initiator === "peer" || passive) return;
    this.#timers.set("connectRetry", nowMs + jittered(times().connectRetrySeconds * 1_000, random()));
  }

  #startKeepalive(nowMs: number): void {
    const agreed = this.#connection?.agreement;
    const { times, random } = this.#around;
    const everyMs = agreed === undefined ? 0 : keepaliveEveryMs(agreed, times());
    if (everyMs > 0) this.#timers.set("keepalive", nowMs + jittered(everyMs, random()));
  }

  /** Also where silence does not count, a peer that never accepts the OPEN is given up when the wait for one would end. */
  #startHold(nowMs: number): void {
    const holdTimeMs = this.#connection?.agreement?.holdTimeMs ?? 0;
    if (holdTimeMs > 0) this.#timers.set("hold", nowMs + holdTimeMs);
    else if (this.#state === "Established") this.#timers.stop("hold");
  }
}

const expiryEvent: Readonly<Record<TimerName, EventName>> = {
  hold: "holdTimerExpires",
  sendHold: "sendHoldTimerExpires",
  connectRetry: "connectRetryTimerExpires",
  keepalive: "keepaliveTimerExpires",
};

/** The event that an error in the peer's bytes is. */
function errorEvent({ code }: Notification): EventName {
  return code === 1 ? "headerError" : code === 2 ? "openError" : "updateError";
}
