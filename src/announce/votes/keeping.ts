import { type AddressState, type AddressView, answersFor, type Keeping, type Self } from "./address-state.ts";
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

/**
 * Rules 17, 21: whether another station's sign of life ends a claim: one that is kept, and under a forced list any hold. Of
 * one that was given to this member the giver may be that station, while it answers beside its heir (rule 11).
 */
export function yieldsToForeign(state: AddressState, { forced, nowMs }: Pick<Self, "forced" | "nowMs">): boolean {
  const { foreign, claim, besideUntilMs } = state;
  if (!foreign) return false;
  return claim?.state === "keeps" || (forced && claim?.state === "holds" && nowMs >= besideUntilMs);
}
