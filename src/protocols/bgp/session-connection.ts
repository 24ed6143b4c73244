import type { Endpoints } from "./adj-out-export.ts";
import { BgpMessageError } from "./bgp-message-error.ts";
import { decodeMessage } from "./decode-message.ts";
import type { Message, Notification, Open } from "./message.ts";
import { MessageSplitter } from "./message-splitter.ts";
import type { Agreement } from "./session-agreement.ts";

/** What the next bytes of a connection are; undefined: not yet a message. */
export type Received =
  | { readonly message: Message }
  | { readonly error: Notification; readonly words: string }
  | undefined;

/** One TCP connection to the peer, also one that is being made, with what was agreed over it. */
export class Connection {
  readonly number: number;
  /** Whether the transport takes bytes. */
  writable = true;
  /** A KEEPALIVE was due while it took none. */
  keepaliveOwed = false;
  /** Where it runs; from when it is made. */
  endpoints: Endpoints | undefined;
  /** The OPEN that was sent over it. */
  ours: Open | undefined;
  #agreement: Agreement | undefined;
  readonly #splitter = new MessageSplitter();

  constructor(number: number) {
    this.number = number;
  }

  get agreement(): Agreement | undefined {
    return this.#agreement;
  }

  /** The peer's OPEN was found acceptable: longer messages and four-octet numbers count from here on. */
  agree(agreed: Agreement): void {
    this.#agreement = agreed;
    this.#splitter.extended = agreed.takesExtended;
  }

  push(bytes: Uint8Array): void {
    this.#splitter.push(bytes);
  }

  /** The next message of what was pushed, or what is wrong with it. */
  next(): Received {
    try {
      const bytes = this.#splitter.next();
      return bytes && { message: decodeMessage(bytes, this.#agreement?.negotiated) };
    } catch (error) {
      if (error instanceof BgpMessageError) return { error: error.notification, words: error.message };
      throw error;
    }
  }
}
