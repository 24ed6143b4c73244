const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. It splits on bytes and decodes whole lines only, so a chunk may end inside a UTF-8
 * character. A line longer than `maxBytes` throws RangeError: etcd itself refuses objects of more than 1.5 MB.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  constructor(maxBytes = 16 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this chunk completes, without their ends; empty ones are left out. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#take(chunk.subarray(start, end));
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  #take(last: Uint8Array): string {
    const bytes = this.#rest.length === 0 ? last : Buffer.concat([...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").trimEnd();
  }

  #keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#restBytes += rest.length;
    if (this.#restBytes > this.#maxBytes) throw new RangeError(`watch: a line of more than ${this.#maxBytes} bytes`);
    this.#rest.push(rest);
  }
}

/** One line of a watch; a BOOKMARK's object has a resourceVersion only, an ERROR's is a Status. */
export type WatchEvent<T> = {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
};
