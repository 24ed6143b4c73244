/** Reads bytes from the first to the last; numbers are big endian. Every method throws what `overrun` makes if too few are left. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #overrun: (message: string) => Error;
  #at = 0;

  constructor(bytes: Uint8Array, overrun: (message: string) => Error) {
    this.#bytes = bytes;
    this.#overrun = overrun;
  }

  /** How many bytes were not read yet. */
  left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    const [byte = 0] = this.bytes(1);
    return byte;
  }

  uint16(): number {
    return this.uint8() * 2 ** 8 + this.uint8();
  }

  /** The next bytes: a view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.left()) throw this.#overrun(`${this.left()} bytes left, not ${length}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
