import type { SharingTerms } from "../api/sharing.ts";

/** A Service, or what it said when it joined, as one of two that may share an address. */
export type Sharer = { readonly namespace: string; readonly name: string; readonly terms?: SharingTerms };

type Check = (a: Sharing, b: Sharing) => string | undefined;

type Sharing = Sharer & { readonly terms: SharingTerms };

const keysDiffer: Check = (a, b) =>
  a.terms.key === b.terms.key ? undefined : `${nameOf(b)} has sharing key "${b.terms.key}", not "${a.terms.key}"`;

const namespacesDiffer: Check = (a, b) => {
  if (a.namespace === b.namespace) return undefined;
  if (!consents(a, b)) return `${nameOf(a)} does not share with namespace ${b.namespace}`;
  return consents(b, a) ? undefined : `${nameOf(b)} does not share with namespace ${a.namespace}`;
};

function consents({ terms }: Sharing, { namespace }: Sharer): boolean {
  return terms.namespaces.includes("*") || terms.namespaces.includes(namespace);
}

const portsClash: Check = (a, b) => {
  const port = a.terms.ports.find((each) => b.terms.ports.includes(each));
  return port === undefined ? undefined : `${nameOf(b)} has ${port} too`;
};

const policiesDiffer: Check = (a, b) =>
  a.terms.policy === b.terms.policy
    ? undefined
    : `${nameOf(b)} has externalTrafficPolicy ${b.terms.policy}, not ${a.terms.policy}`;

/** Under Local the nodes with endpoints of one must be those of the other. */
const selectorsDiffer: Check = (a, b) =>
  a.terms.policy === "Cluster" || a.terms.selector === b.terms.selector
    ? undefined
    : `${nameOf(b)} selects other pods, which externalTrafficPolicy Local does not allow`;

/** In order of precedence: the user is shown the first that applies. */
const checks = [keysDiffer, namespacesDiffer, portsClash, policiesDiffer, selectorsDiffer];

/** Why two Services may not share an address, or undefined if they may; the same answer, in other words, either way round. */
export function unshareable(a: Sharer, b: Sharer): string | undefined {
  if (!hasTerms(a)) return `${nameOf(a)} has no sharing key`;
  if (!hasTerms(b)) return `${nameOf(b)} has no sharing key`;
  for (const check of checks) {
    const why = check(a, b);
    if (why !== undefined) return why;
  }
  return undefined;
}

function hasTerms(sharer: Sharer): sharer is Sharing {
  return sharer.terms !== undefined;
}

function nameOf({ namespace, name }: Sharer): string {
  return `${namespace}/${name}`;
}

/** Whether both are on the same terms. */
export function sameTerms(a: SharingTerms | undefined, b: SharingTerms | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const same = a.key === b.key && a.policy === b.policy && a.selector === b.selector;
  return same && sameTexts(a.ports, b.ports) && sameTexts(a.namespaces, b.namespaces);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

/** Of several that hold one address, in the order of joining: what each agreed to, and what it says now. */
export type Holding<Who> = { readonly who: Who; readonly agreed: Sharer; readonly now: Sharer };

/**
 * Which of those that hold one address must leave it: the one whose Service now says something that the others did not agree
 * to; if several do, the one that joined later.
 */
export function leavers<Who>(holdings: readonly Holding<Who>[]): ReadonlySet<Who> {
  const changed = holdings.filter(({ agreed, now }) => !sameTerms(agreed.terms, now.terms));
  const stay = holdings.filter((each) => !changed.includes(each));
  const leave = new Set<Who>();
  for (const each of changed)
    if (stay.some(({ now }) => unshareable(each.now, now) !== undefined)) leave.add(each.who);
    else stay.push(each);
  return leave;
}
