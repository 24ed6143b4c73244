import { diagnosticWords } from "./diagnostic.ts";
import type { Remote } from "./remote.ts";

/** A session is up, or is no longer. */
export type BfdNews = { readonly kind: "up" } | BfdLoss;

/**
 * A session that was up is not: nothing came for a detection time, the other end says that it is down, or it was told to stop,
 * which says nothing of the path (RFC 5882, 3.2): what the session guards goes on. `message` says why in words.
 */
export type BfdLoss = {
  readonly kind: "down";
  readonly cause: "silence" | "signal" | "administrative";
  readonly message: string;
};

/** Nothing came for a detection time. */
export function lossBySilence(detectionMs: number): BfdLoss {
  return { kind: "down", cause: "silence", message: `the peer is silent: no packet for ${detectionMs} ms` };
}

/** The other end says that it is down, or was stopped. */
export function lossBySignal({ state, diagnostic }: Remote): BfdLoss {
  if (state === "adminDown")
    return { kind: "down", cause: "administrative", message: "the peer was administratively stopped" };
  return { kind: "down", cause: "signal", message: `the peer says that it is down: ${diagnosticWords(diagnostic)}` };
}
