import { type AddressState, type AddressView, answersFor, type Keeping } from "./address-state.ts";
import type { Cause } from "./inputs.ts";
import type { Timing } from "./timing.ts";

/**
 * Rule 17: whether what is held may be kept although the quorum is lost: the API server has said nothing since the
 * suspicion began, or for 1.2 s while it was asked; the gateway answers; nobody goes by a newer list.
 */
export function mayKeep(keeping: Keeping, nowMs: number, timing: Timing): boolean {
  const { allowed, quorum, suspectSinceMs, apiAnsweredAtMs, gateway, newerList } = keeping;
  if (!allowed || quorum || suspectSinceMs === undefined || !gateway || newerList) return false;
  return apiAnsweredAtMs < suspectSinceMs || nowMs - apiAnsweredAtMs >= timing.apiSilentMs;
}

/** Rule 17: why keeping ends; undefined: it goes on. */
export function keepIsOver({ self, state, sayings }: AddressView): Cause | undefined {
  const { keeping } = self;
  if (sayings.some((saying) => saying.peer.heard && answersFor(saying))) return "OtherHolder";
  if (!keeping.gateway) return "GatewaySilent";
  if (self.quorum) return undefined;
  if (keeping.newerList) return "NewerList";
  return keeping.apiAnsweredAtMs > (state.claim?.keptSinceMs ?? 0) ? "ApiAnswered" : undefined;
}

/** Rules 17, 21: whether another station's sign of life ends a claim: one that is kept, and under a forced list any hold. */
export function yieldsToForeign({ foreign, claim }: AddressState, forced: boolean): boolean {
  return foreign && (claim?.state === "keeps" || (forced && claim?.state === "holds"));
}
