import { keyOf, type ServiceObject } from "../api/object.ts";
import { asksOf, isHandled, shownAnnotation, shownIngress } from "./demand.ts";
import type { Facts } from "./facts.ts";
import type { Invariant, ServiceWrite } from "./invariant.ts";

type Shown = (service: ServiceObject) => readonly string[];

function added({ before, after }: ServiceWrite, shown: Shown): readonly string[] {
  const known = shown(before);
  return shown(after).filter((address) => !known.includes(address));
}

function removed({ before, after }: ServiceWrite, shown: Shown): readonly string[] {
  const left = shown(after);
  return shown(before).filter((address) => !left.includes(address));
}

/**
 * A Service is told only of addresses that the ledger has for it. Without an election, a controller whose wall clock is wrong
 * can take the claim of another for an old one, and free it before the Service is told.
 */
function showsOthers(write: ServiceWrite, facts: Facts): string | undefined {
  if (!facts.variant.election && facts.wallWasWrong) return undefined;
  const { metadata } = write.after;
  const wrong = [shownAnnotation, shownIngress]
    .flatMap((shown) => added(write, shown))
    .find((address) => !facts.holds(metadata.uid, address));
  return wrong && `${keyOf(metadata)} is told that it has ${wrong}, which the ledger does not say`;
}

/** The ingress gets an address only once a node has announced it. */
function unannounced(write: ServiceWrite, facts: Facts): string | undefined {
  const silent = added(write, shownIngress).find((address) => !facts.wasAnnounced(address));
  return silent && `${keyOf(write.after.metadata)} shows ${silent}, which no node has announced`;
}

/** What a Service is said to have, has and still wants never vanishes from what it shows. */
function vanished(write: ServiceWrite, facts: Facts): string | undefined {
  const { before } = write;
  const { uid } = before.metadata;
  if (!isHandled(before)) return undefined;
  const said = shownAnnotation(before);
  const lost = [shownAnnotation, shownIngress]
    .flatMap((shown) => removed(write, shown))
    .find((address) => said.includes(address) && facts.holds(uid, address) && facts.wants(before, address));
  return lost && `${keyOf(before.metadata)} loses ${lost}, which it has and wants`;
}

/** Addresses that are shown do not change places. */
function reordered({ before, after }: ServiceWrite): string | undefined {
  const [was, is] = [shownIngress(before), shownIngress(after)];
  const kept = was.filter((address) => is.includes(address));
  const now = is.filter((address) => was.includes(address));
  if (asksOf(before) !== asksOf(after) || kept.join() === now.join()) return undefined;
  const families = (before.spec.ipFamilies ?? []).join();
  return families === orderOf(kept) ? `${keyOf(after.metadata)}: ${was} became ${is}` : undefined;
}

function orderOf(addresses: readonly string[]): string {
  return addresses.map((address) => (address.includes(":") ? "IPv6" : "IPv4")).join();
}

/** A condition never speaks of a generation that is still to come. */
function fromTheFuture({ after }: ServiceWrite): string | undefined {
  const { generation } = after.metadata;
  const wrong = (after.status?.conditions ?? []).find(
    ({ observedGeneration }) => generation !== undefined && (observedGeneration ?? 0) > generation,
  );
  return wrong && `${keyOf(after.metadata)}: condition ${wrong.type} observed ${wrong.observedGeneration}`;
}

/** What must hold of every write of a controller to a Service. */
export const serviceInvariants: readonly Invariant<ServiceWrite>[] = [
  { name: "a Service shows only what the ledger has for it", broken: showsOthers },
  { name: "no ingress without an announcement", broken: unannounced },
  { name: "an address that is wanted does not vanish", broken: vanished },
  { name: "addresses do not change places", broken: reordered },
  { name: "no condition is from the future", broken: fromTheFuture },
];
