/** Writes bytes from the first to the last into a buffer that it makes; more than it holds is a RangeError. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #length = 0;

  constructor(largestLength: number) {
    this.#bytes = new Uint8Array(largestLength);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written so far: a view. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#length++, value);
  }

  /** Big endian, as are all of fixed length. @throws {RangeError} if it is no unsigned integer of 32 bits */
  uint32(value: number): void {
    if (value >>> 0 !== value) throw new RangeError(`heartbeat: ${value} is no unsigned integer of 32 bits`);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** @throws {RangeError} if it is no unsigned integer of 64 bits */
  uint64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value)
      throw new RangeError(`heartbeat: ${value} is no unsigned integer of 64 bits`);
    this.#view.setBigUint64(this.#length, value);
    this.#length += 8;
  }

  /** 7 bits a byte, the lowest first: 1 to 8 bytes. @throws {RangeError} if it is no safe integer or negative */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`heartbeat: ${value} is no integer from 0 to 2^53 - 1`);
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.uint8(rest);
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** The length in one byte, then the bytes. @throws {RangeError} if they are more than 255 */
  sized(value: Uint8Array): void {
    if (value.length > 255) throw new RangeError(`heartbeat: ${value.length} bytes, not at most 255`);
    this.uint8(value.length);
    this.bytes(value);
  }
}
