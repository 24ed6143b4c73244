import { diagnosticWords } from "./diagnostic.ts";
import type { Remote } from "./remote.ts";

/**
 * A session is up, or is no longer. `administrative`: the other end was told to stop, which says nothing of the path (RFC
 * 5882, 3.2): what the session guards goes on. `message` says why in words.
 */
export type BfdNews = { readonly kind: "up" } | BfdLoss;

/** A session that was up is not. */
export type BfdLoss = { readonly kind: "down"; readonly administrative: boolean; readonly message: string };

/** Nothing came for a detection time. */
export function lossBySilence(detectionMs: number): BfdLoss {
  return { kind: "down", administrative: false, message: `the peer is silent: no packet for ${detectionMs} ms` };
}

/** The other end says that it is down, or was stopped. */
export function lossBySignal({ state, diagnostic }: Remote): BfdLoss {
  if (state === "adminDown")
    return { kind: "down", administrative: true, message: "the peer was administratively stopped" };
  return {
    kind: "down",
    administrative: false,
    message: `the peer says that it is down: ${diagnosticWords(diagnostic)}`,
  };
}
