/** One entry of `status.conditions` (metav1.Condition). */
export type Condition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  /** RFC 3339, whole seconds, UTC. */
  readonly lastTransitionTime: string;
};

/** What a planner says of a condition; when it changed is found by comparing with what is there. */
export type ConditionState = Omit<Condition, "lastTransitionTime">;

/**
 * The list with these states in it: others stay as they are, and `lastTransitionTime` moves only where `status` changes.
 * Returns the very same array when nothing differs, so that a writer can tell by identity that there is nothing to write.
 */
export function mergeConditions(
  existing: readonly Condition[],
  states: readonly ConditionState[],
  nowMs: number,
): readonly Condition[] {
  let merged = existing;
  for (const state of states) {
    const before = merged.find(({ type }) => type === state.type);
    if (before !== undefined && sameState(before, state)) continue;
    const unmoved = before !== undefined && before.status === state.status;
    const after = { ...state, lastTransitionTime: unmoved ? before.lastTransitionTime : formatTime(nowMs) };
    merged = before === undefined ? [...merged, after] : merged.map((each) => (each === before ? after : each));
  }
  return merged;
}

function sameState(a: ConditionState, b: ConditionState): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  );
}

/** metav1.Time of milliseconds since the epoch: RFC 3339 in UTC with whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
