/** Whether a finding fails the check. */
export type Severity = "error" | "warning";

/** Every code of `herald validate`: stable, so that it may be used in scripts; what it means is in docs/cli.md. */
export const codes = {
  InvalidYaml: "error",
  NotAnObject: "error",
  InvalidName: "error",
  DuplicateObject: "error",
  UnknownVersion: "error",
  UnknownField: "error",
  MissingField: "error",
  WrongType: "error",
  UnknownValue: "error",
  OutOfBounds: "error",
  WrongForm: "error",
  DuplicateValue: "error",
  InvalidSelector: "error",
  InvalidAddress: "error",
  InvalidReservation: "error",
  InvalidInterface: "error",
  InvalidDuration: "error",
  InvalidField: "error",
  PoolsOverlap: "error",
  PeersConflict: "error",
  InvalidAnnotation: "error",
  OddField: "warning",
  UnknownPool: "warning",
  UnknownPeer: "warning",
} as const satisfies Readonly<Record<string, Severity>>;

/** One of them. */
export type Code = keyof typeof codes;
