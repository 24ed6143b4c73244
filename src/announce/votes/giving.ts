import { type AddressView, answersFor, type Saying, type Vote } from "./address-state.ts";
import { mayClaim, placesBefore } from "./voting.ts";

/** What a member asks the holder for: the spec's generation, or 0 because the holder gives it, after so many intervals. */
export type Want = { readonly generation: number; readonly afterIntervals: number };

/** Rule 11: whether a generation of the spec still moves an address, of which a claim has consumed another. */
export type Moves = (generation: number, consumed: number) => boolean;

/** Rule 11: only a newer one. The same generation never moves an address twice: who returns takes nothing back. */
export function movesOnce(generation: number, consumed: number): boolean {
  return generation > consumed;
}

/**
 * Rule 11: whether this member wants the address from its holder. The spec names it with a generation that no claim has
 * consumed; or the holder is leaving or not willing, and it is this member's turn.
 */
export function want(view: AddressView, moves: Moves): Want | undefined {
  const { self, state } = view;
  if (state.claim !== undefined || !mayClaim(view)) return undefined;
  const holder = view.sayings.find((saying) => saying.peer.linked && answersFor(saying));
  const holds = holder?.entry?.claim;
  if (holder === undefined || holds === undefined || state.wish === undefined) return undefined;
  const { node, generation } = state.wish;
  if (node === self.node && moves(generation, Math.max(holds.generation, state.generation)))
    return { generation, afterIntervals: 0 };
  if (!holds.gives && !holder.peer.leaving) return undefined;
  return { generation: 0, afterIntervals: self.timing.placeIntervals * placesBefore(view, holder.peer.node) };
}

/**
 * Rule 11: to whom this member, who holds the address, gives it: it votes for that claim to come, and goes on answering.
 * The newest generation goes before mere heirs.
 */
export function heir(view: AddressView, moves: Moves): Vote | undefined {
  const { claim } = view.state;
  if (claim === undefined) return undefined;
  const mayGive = ({ entry }: Saying): boolean =>
    entry?.wants === 0 ? claim.gives : entry?.wants !== undefined && moves(entry.wants, claim.generation);
  let best: Saying | undefined;
  for (const saying of view.sayings)
    if (mayTake(saying) && mayGive(saying) && (best === undefined || wants(saying) > wants(best))) best = saying;
  return best && { node: best.peer.node, boot: best.peer.boot, claim: 0, priority: wants(best) };
}

function mayTake({ peer }: Saying): boolean {
  return peer.linked && peer.quorum && !peer.leaving && peer.countsMe;
}

function wants({ entry }: Saying): number {
  return entry?.wants ?? 0;
}

/** Rule 11: whether the holder votes for this member's claim to come, which it then makes at once. */
export function isHeir(view: AddressView): boolean {
  const { boot } = view.self;
  return (
    mayClaim(view) &&
    view.sayings.some(({ peer, entry }) => peer.heard && entry?.vote?.boot === boot && entry.vote.claim === 0)
  );
}

/** The vote for an heir, once its claim is known: from now on it is for this very claim. */
export function heirsClaim({ state: { vote }, sayings }: AddressView): Vote | undefined {
  if (vote?.claim !== 0) return undefined;
  const saying = sayings.find(({ peer }) => peer.node === vote.node && peer.boot === vote.boot);
  const claim = saying?.entry?.vote;
  if (saying === undefined || claim?.boot !== vote.boot || saying.entry?.claim === undefined) return undefined;
  return { node: vote.node, ...claim };
}

/** Rule 11: whether the overlap is over: the heir says that it holds. */
export function heirHolds({ sayings }: AddressView): boolean {
  return sayings.some((saying) => saying.peer.heard && answersFor(saying));
}
