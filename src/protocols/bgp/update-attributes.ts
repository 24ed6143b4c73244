import { attributeFlag } from "./attribute-types.ts";

/** One path attribute; its value is a view. */
export type Attribute = { readonly flags: number; readonly type: number; readonly value: Uint8Array };

/** What stands where an attribute should, and is cut off by the end of the attributes; `type` if so much of it is there. */
export type CutAttribute = { readonly type: number | undefined; readonly cut: Uint8Array };

/** Flags, type and length, which takes one byte or two. */
const SHORT_HEADER = 3;
const LONG_HEADER = 4;

/** The attributes that bytes hold, one after the other; what is cut off is the last (RFC 4271, 4.3; RFC 7606, section 4). */
export function* attributesIn(bytes: Uint8Array): Generator<Attribute | CutAttribute> {
  for (let at = 0; at < bytes.length; ) {
    const [flags = 0, type, first = 0, second = 0] = bytes.subarray(at, at + LONG_HEADER);
    const extended = (flags & attributeFlag.extendedLength) !== 0;
    const start = at + (extended ? LONG_HEADER : SHORT_HEADER);
    const end = start + (extended ? first * 256 + second : first);
    if (type === undefined || end > bytes.length) {
      yield { type, cut: bytes.subarray(at) };
      return;
    }
    yield { flags, type, value: bytes.subarray(start, end) };
    at = end;
  }
}
