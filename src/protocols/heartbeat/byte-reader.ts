import { MalformedPacketError } from "../malformed-packet.ts";

/** 8 bytes of 7 bits each hold every safe integer. */
const LONGEST_VARINT = 8;

/** Reads bytes from the first to the last. Every method throws MalformedPacketError if fewer are left than it reads. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  /** Big endian, as are all of fixed length. */
  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** 7 bits a byte, the lowest first, the highest bit of a byte set if another follows; at most 2^53 - 1. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return safe(value);
    }
    throw new MalformedPacketError(`heartbeat: number of more than ${LONGEST_VARINT} bytes`);
  }

  /** The next bytes: a view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length)
      throw new MalformedPacketError(`heartbeat: ${this.#bytes.length - start} bytes left, not ${length}`);
    this.#at = start + length;
    return start;
  }
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new MalformedPacketError("heartbeat: number above 2^53 - 1");
  return value;
}
