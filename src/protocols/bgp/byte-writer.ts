/** Collects bytes from the first to the last; numbers are big endian, and one that does not fit is a RangeError. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** A copy of what was written so far. */
  written(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  uint8(value: number): void {
    this.#number(value, 1);
  }

  uint16(value: number): void {
    this.#number(value, 2);
  }

  uint32(value: number): void {
    this.#number(value, 4);
  }

  bytes(value: Uint8Array): void {
    this.#bytesFrom(value.length).set(value);
  }

  /** The length in one byte, then the bytes. */
  sized(value: Uint8Array): void {
    this.uint8(value.length);
    this.bytes(value);
  }

  #number(value: number, length: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * length))
      throw new RangeError(`BGP: ${value} is no unsigned integer of ${8 * length} bits`);
    const bytes = this.#bytesFrom(length);
    for (let i = 0; i < length; i++) bytes[i] = Math.floor(value / 2 ** (8 * (length - 1 - i)));
  }

  #bytesFrom(length: number): Uint8Array {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(start, this.#length);
  }
}
