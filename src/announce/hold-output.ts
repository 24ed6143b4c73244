import type { Mac } from "../net/mac.ts";

/** Frames to send: `takeOver` is the announcement that must leave before any `repeat` of any address. */
export type HoldFrame = "probe" | "takeOver" | "repeat" | "defence";

/** What is to be done after a step of a hold. */
export type HoldOutput =
  | { readonly kind: "send"; readonly frame: HoldFrame }
  | { readonly kind: "announced" }
  | { readonly kind: "conflict"; readonly mac: Mac }
  | { readonly kind: "conflictOver" };

/** The output that sends a frame. */
export function send(frame: HoldFrame): HoldOutput {
  return { kind: "send", frame };
}
