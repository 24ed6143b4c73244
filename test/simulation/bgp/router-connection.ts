import { decodeMessage } from "../../../src/protocols/bgp/decode-message.ts";
import { encodeKeepalive, encodeNotification } from "../../../src/protocols/bgp/encode-message.ts";
import type { Message, Open } from "../../../src/protocols/bgp/message.ts";
import { MessageSplitter } from "../../../src/protocols/bgp/message-splitter.ts";
import { notificationOf, type notificationReason } from "../../../src/protocols/bgp/notification-codes.ts";
import type { End } from "./network.ts";

/** A router's end of one connection. */
export class RouterConnection {
  readonly initiator: "router" | "node";
  end: End | undefined;
  /** The node's OPEN, once it came. */
  theirs: Open | undefined;
  ours: Open | undefined;
  established = false;
  heardMs = 0;
  readonly #splitter = new MessageSplitter();

  constructor(initiator: "router" | "node") {
    this.initiator = initiator;
    // Both sides say that they take long messages.
    this.#splitter.extended = true;
  }

  /** Both can restart gracefully; with the N bit on both sides also after a NOTIFICATION (RFC 8538). */
  keeps(overNotification: boolean): boolean {
    const [mine, theirs] = [this.ours, this.theirs].map((open) => open?.capabilities.gracefulRestart);
    if (!this.established || mine === undefined || theirs === undefined) return false;
    return !overNotification || (mine.notification && theirs.notification);
  }

  /** Each whole message of what came, and its bytes; what comes after this end was closed is not read. */
  *read(bytes: Uint8Array, nowMs: number): Generator<readonly [Message, Uint8Array]> {
    this.heardMs = nowMs;
    this.#splitter.push(bytes);
    for (let next = this.#splitter.next(); next !== undefined; next = this.#splitter.next()) {
      if (this.end === undefined) return;
      yield [decodeMessage(next, { ...everything }), next.slice()];
    }
  }

  send(bytes: Uint8Array): void {
    this.end?.send(bytes);
  }

  keepalive(): void {
    this.send(encodeKeepalive());
  }

  /** Ends it, with a reason or without a word. */
  close(reason?: keyof typeof notificationReason): void {
    if (reason !== undefined) this.send(encodeNotification(notificationOf(reason)));
    this.end?.close();
    this.end = undefined;
  }
}

const everything = {
  internal: false,
  families: [4, 6],
  routeRefresh: true,
  fourOctetAs: true,
  extendedMessage: true,
  extendedNextHop: true,
} as const;
