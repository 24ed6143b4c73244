import type { Service } from "../api/service.ts";
import type { Advertisement, Member } from "../api/vip-advertisement.ts";
import { adoptedGrants, noteDisputes, noteShown, shownAddresses } from "./adoption.ts";
import type { LedgerChange, Outcome, Plan, ReleaseReason } from "./change.ts";
import { byAge, type Claimant } from "./claimant.ts";
import { isConflicted } from "./conflict.ts";
import { demandOf, heldDemand, isHandled } from "./demand.ts";
import { currentOf, type Draft, newDraft } from "./draft.ts";
import { leave, writesOf } from "./entries.ts";
import { LastLedger } from "./ledger.ts";
import { conclude } from "./outcome.ts";
import { adoption, type Resolution } from "./resolution.ts";
import { nextEndMs, pastOf, reuseOf } from "./reuse.ts";
import { SettledOutcomes } from "./settled.ts";
import { type Holding, leavers } from "./sharing.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Close, takeTurns } from "./turns.ts";

/**
 * What to write to the ledger and what to tell each handled Service, from the whole cluster as it is.
 *
 * An address that is taken from a Service can be given to another one by the same write. What Herald wrote into a Service
 * (`allocated`) is taken from it only after the Service says something else.
 */
export type Planner = (snapshot: Snapshot) => Plan;

/** A planner that works out anew only what depends on objects that it has not seen; what it remembers never changes a plan. */
export function createPlanner(): Planner {
  const drafter = createDrafter();
  return (snapshot) => {
    const { draft, outcomes } = drafter(snapshot);
    const changes: LedgerChange[] = [...writesOf(draft)];
    const wakeAtMs = closePast(draft, changes);
    return { changes, outcomes, ...(wakeAtMs !== undefined && { wakeAtMs }) };
  };
}

/** What a plan decided, before it is put into changes. */
export type Drafted = { readonly draft: Draft; readonly outcomes: ReadonlyMap<string, Outcome> };

/** As `createPlanner`, for those who want to ask what the pools say after the plan. */
export function createDrafter(): (snapshot: Snapshot) => Drafted {
  const ledgers = new LastLedger();
  const settled = new SettledOutcomes();
  return (snapshot) => {
    const ledger = ledgers.of(snapshot.advertisements);
    const draft = newDraft(snapshot, ledger);
    const outcomes = new Map<string, Outcome>();
    const { claimants, references } = opened(draft, settled, outcomes);
    if (references !== ledger.references) freeOrphans(draft);
    const close = (claimant: Claimant, resolution: Resolution): void => {
      const before = draft.decisions;
      const outcome = conclude(claimant, resolution, draft);
      if (draft.decisions === before) settled.remember(draft, claimant, outcome);
      outcomes.set(claimant.service.key, outcome);
    };
    takeTurns(adoptAll(claimants, draft, close), draft, close);
    return { draft, outcomes };
  };
}

/** Forgets what has its past behind it; gives back when the next rest or the next memory ends. */
function closePast(draft: Draft, changes: LedgerChange[]): number | undefined {
  const { ledger, entries, poolNamed, snapshot } = draft;
  let { wakeAtMs } = draft;
  for (const advertisement of ledger.released) {
    const { address, released, pool } = advertisement;
    if (entries[address.family].has(address.value)) continue;
    const past = released && pastOf(released, reuseOf(poolNamed, pool));
    const endMs = past && nextEndMs(past, snapshot.nowMs);
    if (endMs === undefined) changes.push({ kind: "forget", advertisement });
    else wakeAtMs = Math.min(wakeAtMs ?? endMs, endMs);
  }
  return wakeAtMs;
}

type Opened = { readonly claimants: readonly Claimant[]; readonly references: number };

/** The handled Services for which something is to be decided; the others' outcomes are added. Counts what all of them hold. */
function opened(draft: Draft, settled: SettledOutcomes, outcomes: Map<string, Outcome>): Opened {
  const { snapshot, ledger } = draft;
  const claimants: Claimant[] = [];
  let references = 0;
  for (const service of snapshot.services) {
    if (!isHandled(service, snapshot.options)) continue;
    const held = ledger.heldBy.get(service.uid) ?? [];
    references += held.length;
    const open = draft.reservedFor.has(service.key) || held.some((each) => isConflicted(draft, each));
    const outcome = open ? undefined : settled.of(draft, service, held);
    if (outcome === undefined) claimants.push(claimantOf(service, held, draft));
    else outcomes.set(service.key, outcome);
  }
  return { claimants, references };
}

function claimantOf(service: Service, held: readonly Advertisement[], draft: Draft): Claimant {
  const { clusterFamily, observe } = draft.snapshot.options;
  const demand = service.terminating && held.length > 0 ? heldDemand(service, held) : demandOf(service, clusterFamily);
  const evicted = held.filter((advertisement) => isEvicted(service, advertisement, draft));
  const shown = shownAddresses({ service, held, demand });
  // What is written in an annotation is served by nobody who could be observed.
  const counting = observe ? shown.filter(({ origin }) => origin === "ingress") : shown;
  const claimant = { service, held, evicted, demand, shown: counting };
  noteShown(draft, claimant);
  return claimant;
}

/** Worked out for each that shares an address; that few share one keeps it cheap. */
function isEvicted({ uid }: Service, { services }: Advertisement, draft: Draft): boolean {
  if (services.length < 2) return false;
  const holdings = services.flatMap((agreed): readonly Holding<string>[] => {
    const service = draft.serviceOf(agreed.uid);
    const counts = service !== undefined && isHandled(service, draft.snapshot.options);
    return counts ? [{ who: agreed.uid, agreed, now: currentOf(draft, agreed) }] : [];
  });
  return leavers(holdings).has(uid);
}

/**
 * What Services show becomes their own before anything else is given. Gives back the Services that show nothing or for which
 * that cannot be, by age.
 */
function adoptAll(claimants: readonly Claimant[], draft: Draft, close: Close): readonly Claimant[] {
  const rest = claimants.filter(({ shown }) => shown.length === 0);
  noteDisputes(claimants, draft);
  for (const claimant of claimants.filter(({ shown }) => shown.length > 0).sort(byAge)) {
    const grants = adoptedGrants(claimant, draft);
    if ("reason" in grants) rest.push({ ...claimant, unadopted: grants });
    else close(claimant, adoption(claimant, grants));
  }
  return rest.sort(byAge);
}

/** Takes what they hold from those that are no handled Services: gone, of another uid, or of another type or class. */
function freeOrphans(draft: Draft): void {
  for (const advertisement of draft.snapshot.advertisements)
    for (const member of advertisement.services) {
      const reason = orphanage(member, draft);
      if (reason !== undefined) leave(draft, advertisement, member.uid, reason);
    }
}

/** Why a Service holds nothing any more; undefined: it is a handled one. */
function orphanage({ uid, namespace, name }: Member, draft: Draft): ReleaseReason | undefined {
  const service = draft.serviceOf(uid);
  if (service !== undefined) return isHandled(service, draft.snapshot.options) ? undefined : "NotDemanded";
  return draft.serviceNamed(`${namespace}/${name}`) === undefined ? "ServiceGone" : "ServiceReplaced";
}
