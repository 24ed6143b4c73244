import type { Message, Notification, PrefixCounts } from "./message.ts";
import { notificationText } from "./shutdown-communication.ts";
import type { State } from "./state.ts";

/** Messages by kind. */
export type MessageCounts = Readonly<Record<Message["kind"], number>>;

/** What a session has done since it was made. */
export type SessionCounters = {
  readonly sent: MessageCounts;
  readonly received: MessageCounts;
  /** Prefixes told to the peer, and withdrawn from it, again and again counted. */
  readonly announcedPrefixes: number;
  readonly withdrawnPrefixes: number;
  /** Prefixes that the peer announced since it last came to Established, again and again counted; what it withdrew is not taken off. */
  readonly receivedPrefixes: PrefixCounts;
  /** Errors in UPDATEs that did not end the session (RFC 7606). */
  readonly updateFaults: number;
  /** Connections begun from this side, and times it came to Established. */
  readonly connects: number;
  readonly established: number;
};

type Counter = "announcedPrefixes" | "withdrawnPrefixes" | "updateFaults" | "connects" | "established";

/** A NOTIFICATION, when it came or went; `text` is safe to print. */
export type Notice = { readonly text: string; readonly atMs: number };

/** What happened: `reason` says why, in words. */
export type SessionNews =
  | { readonly kind: "state"; readonly from: State; readonly to: State; readonly reason: string; readonly atMs: number }
  | {
      readonly kind: "notification";
      readonly direction: "sent" | "received";
      readonly text: string;
      readonly atMs: number;
    };

const noMessages = (): Record<Message["kind"], number> => ({
  open: 0,
  update: 0,
  notification: 0,
  "route-refresh": 0,
  keepalive: 0,
});

/** Keeps what there is to tell of a session. */
export class Journal {
  state: State = "Idle";
  /** Why it is in that state. */
  reason = "not started";
  sinceMs: number;
  readonly last: { sent?: Notice; received?: Notice } = {};
  readonly #messages = { sent: noMessages(), received: noMessages() };
  readonly #numbers: Record<Counter, number> = {
    announcedPrefixes: 0,
    withdrawnPrefixes: 0,
    updateFaults: 0,
    connects: 0,
    established: 0,
  };
  #receivedPrefixes: PrefixCounts = { 4: 0, 6: 0 };
  #news: SessionNews[] = [];

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  get counters(): SessionCounters {
    const { sent, received } = this.#messages;
    const receivedPrefixes = this.#receivedPrefixes;
    return { ...this.#numbers, sent: { ...sent }, received: { ...received }, receivedPrefixes };
  }

  count(counter: Counter, by = 1): void {
    this.#numbers[counter] += by;
  }

  message(direction: "sent" | "received", kind: Message["kind"], by = 1): void {
    this.#messages[direction][kind] += by;
  }

  /** An UPDATE of the peer announced so many prefixes. */
  prefixes(announced: PrefixCounts): void {
    const before = this.#receivedPrefixes;
    this.#receivedPrefixes = { 4: before[4] + announced[4], 6: before[6] + announced[6] };
  }

  /** A NOTIFICATION; `words`: what this side knows beyond it. */
  notification(direction: "sent" | "received", notification: Notification, atMs: number, words?: string): void {
    const said = notificationText(notification);
    const text = words === undefined ? said : `${said}: ${words}`;
    this.last[direction] = { text, atMs };
    this.message(direction, "notification");
    this.#news.push({ kind: "notification", direction, text, atMs });
  }

  /** The session stands here now. */
  stand(state: State, reason: string, atMs: number): void {
    const from = this.state;
    this.reason = reason;
    if (from === state) return;
    this.state = state;
    if (state === "Established") this.#receivedPrefixes = { 4: 0, 6: 0 };
    this.sinceMs = atMs;
    this.#news.push({ kind: "state", from, to: state, reason, atMs });
  }

  /** What happened since the last call. */
  takeNews(): readonly SessionNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }
}
