import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { adoptedGrants, noteShown, shownAddresses } from "./adoption.ts";
import type { LedgerChange, Outcome, Plan } from "./change.ts";
import type { Claimant } from "./claimant.ts";
import { demandOf, isHandled } from "./demand.ts";
import { type Draft, newDraft } from "./draft.ts";
import { LastLedger, type Ledger } from "./ledger.ts";
import { conclude } from "./outcome.ts";
import { adoption, type Resolution, resolve } from "./resolution.ts";
import { SettledOutcomes } from "./settled.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * What to write to the ledger and what to tell each handled Service, from the whole cluster as it is.
 *
 * An address can be claimed only while no advertisement has its name. So one that is released here is claimed by a later
 * plan: release (PUT), then forget (DELETE), then claim (POST), each seen by the stores before the next. What Herald wrote
 * into a Service (`allocated`) is released only after the Service says something else.
 */
export type Planner = (snapshot: Snapshot) => Plan;

/** A planner that works out anew only what depends on objects that it has not seen; what it remembers never changes a plan. */
export function createPlanner(): Planner {
  const ledgers = new LastLedger();
  const settled = new SettledOutcomes();
  return (snapshot) => {
    const ledger = ledgers.of(snapshot.advertisements);
    const draft = newDraft(snapshot, ledger);
    const outcomes = new Map<string, Outcome>();
    const { claimants, references } = opened(draft, settled, outcomes);
    const close = (claimant: Claimant, resolution: Resolution): void => {
      const before = draft.changes.length;
      const outcome = conclude(claimant, resolution, draft);
      if (draft.changes.length === before) settled.remember(draft, claimant, outcome);
      outcomes.set(claimant.service.key, outcome);
    };
    for (const claimant of adoptAll(claimants, draft, close)) close(claimant, resolve(claimant, draft));
    if (references !== ledger.references) draft.changes.push(...orphanReleases(snapshot, ledger));
    for (const advertisement of ledger.released) draft.changes.push({ kind: "forget", advertisement });
    return { changes: draft.changes, outcomes };
  };
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
    const outcome = settled.of(draft, service, held);
    if (outcome === undefined) claimants.push(claimantOf(service, held, draft));
    else outcomes.set(service.key, outcome);
  }
  return { claimants, references };
}

function claimantOf(service: Service, held: readonly Advertisement[], draft: Draft): Claimant {
  const demand = demandOf(service, draft.snapshot.options.clusterFamily);
  const claimant = { service, held, demand, shown: shownAddresses({ service, held, demand }) };
  noteShown(draft, claimant);
  return claimant;
}

type Close = (claimant: Claimant, resolution: Resolution) => void;

/**
 * What Services show becomes their own before anything else is given. Gives back the Services that show nothing or for which
 * that cannot be: holders, then the rest.
 */
function adoptAll(claimants: readonly Claimant[], draft: Draft, close: Close): readonly Claimant[] {
  const rest = claimants.filter(({ shown }) => shown.length === 0);
  for (const claimant of claimants.filter(({ shown }) => shown.length > 0).sort(byAge)) {
    const grants = adoptedGrants(claimant, draft);
    if ("reason" in grants) rest.push({ ...claimant, unadopted: grants });
    else close(claimant, adoption(claimant, grants));
  }
  return rest.sort((a, b) => Number(b.held.length > 0) - Number(a.held.length > 0) || byAge(a, b));
}

function byAge({ service: a }: Claimant, { service: b }: Claimant): number {
  return a.createdMs - b.createdMs || (a.key < b.key ? -1 : Number(a.key > b.key));
}

/** Releases what belongs to no handled Service: gone, of another uid, or of another type or class. */
function orphanReleases({ services, options }: Snapshot, { heldBy }: Ledger): readonly LedgerChange[] {
  const byUid = new Map(services.map((service) => [service.uid, service]));
  const keys = new Set(services.map(({ key }) => key));
  const keeps = (uid: string): boolean => {
    const service = byUid.get(uid);
    return service !== undefined && isHandled(service, options);
  };
  const orphans = new Set<Advertisement>();
  for (const [uid, held] of heldBy) if (!keeps(uid)) for (const each of held) orphans.add(each);
  return [...orphans]
    .filter((advertisement) => !advertisement.services.some(({ uid }) => keeps(uid)))
    .map((advertisement) => {
      const known = advertisement.services.some(({ uid }) => byUid.has(uid));
      const replaced = advertisement.services.some(({ namespace, name }) => keys.has(`${namespace}/${name}`));
      const reason = known ? "NotDemanded" : replaced ? "ServiceReplaced" : "ServiceGone";
      return { kind: "release", advertisement, reason };
    });
}
