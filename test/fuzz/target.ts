/** A decoder. */
export type Target = {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Whether it may throw this; the other decoders throw nothing at all. */
  readonly mayThrow: (error: unknown) => boolean;
};
