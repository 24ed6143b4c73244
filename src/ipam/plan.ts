import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { LedgerChange, Outcome, Plan } from "./change.ts";
import { demandOf, isHandled } from "./demand.ts";
import { type Draft, newDraft } from "./draft.ts";
import { type Ledger, ledgerOf } from "./ledger.ts";
import { conclude } from "./outcome.ts";
import { isAdoption, type Subject } from "./resolution.ts";
import { rememberSettled, settledOutcome } from "./settled.ts";
import type { Snapshot } from "./snapshot.ts";

export type { Claim, LedgerChange, Outcome, Plan, ReleaseReason } from "./change.ts";
export type { AllocationOptions, ForbiddenRange, Snapshot } from "./snapshot.ts";

/**
 * What to write to the ledger and what to tell each handled Service, from the whole cluster as it is.
 *
 * An address can be claimed only while no advertisement has its name. So one that is released here is claimed by a later
 * plan: release (PUT), then forget (DELETE), then claim (POST), each seen by the stores before the next. What Herald wrote
 * into a Service (`allocated`) is released only after the Service says something else.
 */
export function planAllocations(snapshot: Snapshot): Plan {
  const ledger = ledgerOf(snapshot.advertisements);
  const draft = newDraft(snapshot, ledger);
  const outcomes = new Map<string, Outcome>();
  const open: Subject[] = [];
  let references = 0;
  for (const service of snapshot.services) {
    if (!isHandled(service, snapshot.options)) continue;
    const held = ledger.heldBy.get(service.uid) ?? [];
    references += held.length;
    const settled = settledOutcome(draft, service, held);
    if (settled === undefined) open.push({ service, held, demand: demandOf(service, snapshot.options.clusterFamily) });
    else outcomes.set(service.key, settled);
  }
  for (const subject of inOrder(open)) outcomes.set(subject.service.key, outcomeOf(subject, draft));
  if (references !== ledger.references) draft.changes.push(...orphanReleases(snapshot, ledger));
  for (const advertisement of ledger.released) draft.changes.push({ kind: "forget", advertisement });
  return { changes: draft.changes, outcomes };
}

function outcomeOf(subject: Subject, draft: Draft): Outcome {
  const before = draft.changes.length;
  const outcome = conclude(subject, draft);
  if (draft.changes.length === before) rememberSettled(draft, subject, outcome);
  return outcome;
}

/** Adoptions, then holders, then the rest; in each the oldest first. */
function inOrder(subjects: readonly Subject[]): readonly Subject[] {
  return subjects
    .map((subject) => ({ subject, turn: isAdoption(subject) ? 0 : subject.held.length > 0 ? 1 : 2 }))
    .sort((a, b) => a.turn - b.turn || byAge(a.subject.service, b.subject.service))
    .map(({ subject }) => subject);
}

function byAge(a: Service, b: Service): number {
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
