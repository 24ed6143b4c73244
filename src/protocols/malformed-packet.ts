/** Foreign bytes are not what they should be; they are to be counted and dropped. */
export class MalformedPacketError extends Error {
  override readonly name = "MalformedPacketError";
}
