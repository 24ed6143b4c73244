import type { Claimant } from "./claimant.ts";
import type { Draft } from "./draft.ts";
import { type Resolution, resolve } from "./resolution.ts";

/** Adds what was decided for a Service to the draft and to the outcomes. */
export type Close = (claimant: Claimant, resolution: Resolution) => void;

/** One that lacks something and got nothing, and how many chances there had been by then. */
type Waiting = { readonly claimant: Claimant; readonly chances: number };

/**
 * Decides for each Service in turn, those that hold something first. Who lacks something and got nothing has another turn
 * when an address was left since, by himself or by one after him, or there is one under his sharing key.
 */
export function takeTurns(claimants: readonly Claimant[], draft: Draft, close: Close): void {
  const holders = claimants.filter(({ held }) => held.length > 0);
  const others = claimants.filter(({ held }) => held.length === 0);
  const waiting = anotherTurn(firstTurn(holders, draft, close), draft, close);
  anotherTurn([...waiting, ...firstTurn(others, draft, close)], draft, close);
}

function firstTurn(claimants: readonly Claimant[], draft: Draft, close: Close): readonly Waiting[] {
  return claimants.flatMap((claimant) => {
    const chances = chancesOf(claimant, draft);
    const resolution = resolve(claimant, draft);
    close(claimant, resolution);
    return waits(resolution) ? [{ claimant, chances }] : [];
  });
}

function anotherTurn(waiting: readonly Waiting[], draft: Draft, close: Close): readonly Waiting[] {
  let rest = waiting;
  for (let given = true; given; ) {
    given = false;
    rest = rest.flatMap((each) => {
      const { claimant, chances } = each;
      const now = chancesOf(claimant, draft);
      if (now === chances) return [each];
      const resolution = resolve(claimant, draft);
      close(claimant, resolution);
      if (waits(resolution)) return [{ claimant, chances: now }];
      given = true;
      return [];
    });
  }
  return rest;
}

function waits({ grants, refusal, missing }: Resolution): boolean {
  return grants.length === 0 && (refusal ?? missing) !== undefined;
}

/** It only grows. */
function chancesOf({ service: { terms } }: Claimant, { departures, keyed }: Draft): number {
  return departures + (terms === undefined ? 0 : (keyed.get(terms.key)?.length ?? 0));
}
