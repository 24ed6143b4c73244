import { HEADER_LENGTH, LARGEST_EXTENDED_MESSAGE, LARGEST_MESSAGE, readHeader } from "./header.ts";

/**
 * Cuts what a connection receives into messages. After each `push` take messages until there is none: then what is kept is
 * less than one message, at most 64 KiB, however the bytes were cut.
 */
export class MessageSplitter {
  /** Whether messages of more than 4,096 bytes may come (RFC 8654). */
  extended = false;
  #bytes = new Uint8Array(LARGEST_MESSAGE);
  #start = 0;
  #end = 0;

  /** Adds what was received; it is copied. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next whole message, a view until the next `push`; undefined if more must be received first.
   * @throws {BgpMessageError} as soon as a header is one that no message can have; nothing after it can be found, so again
   * at every further call
   */
  next(): Uint8Array | undefined {
    const received = this.#bytes.subarray(this.#start, this.#end);
    if (received.length < HEADER_LENGTH) return undefined;
    const { length } = readHeader(received, this.extended ? LARGEST_EXTENDED_MESSAGE : LARGEST_MESSAGE);
    if (received.length < length) return undefined;
    this.#start += length;
    return received.subarray(0, length);
  }

  #makeRoom(more: number): void {
    const kept = this.#bytes.subarray(this.#start, this.#end);
    const needed = kept.length + more;
    // Room for twice as much as is needed, so that bytes which come one by one are not moved one by one.
    const bytes = 2 * needed <= this.#bytes.length ? this.#bytes : new Uint8Array(2 * needed);
    bytes.set(kept);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = kept.length;
  }
}
