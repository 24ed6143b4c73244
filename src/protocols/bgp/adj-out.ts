import { addressKey, type Family } from "../../net/address.ts";
import type { Prefix } from "../../net/prefix.ts";
import { type Export, type RouteAttributes, sameAttributes, sameNextHop, type WantedRoute } from "./adj-out-export.ts";
import type { NextHop, Route, RouteChanges } from "./message.ts";

/** A wanted route that the session does not tell, and why. */
export type RouteAbsence = { readonly prefix: Prefix; readonly reason: string };

/** Numbers of routes; `waiting`: those that the peer is yet to be told of, or that are to be withdrawn. */
export type RouteCounts = { readonly wanted: number; readonly told: number; readonly waiting: number };

type Told = { readonly prefix: Prefix; readonly attributes: RouteAttributes; readonly nextHop: NextHop };

const MOST_ABSENCES = 10_000;

/**
 * What a peer is to know, and what it has been told (Adj-RIB-Out). Changes wait until they are taken, so that those that undo
 * each other are never sent. While no session is up it only remembers what is wanted.
 */
export class AdjOut {
  #wanted = new Map<string, WantedRoute>();
  readonly #told = new Map<string, Told>();
  readonly #changed = new Map<string, Prefix>();
  /** Those of `#changed` that are told even if the peer knows them. */
  readonly #again = new Set<string>();
  readonly #refreshes = new Set<Family>();
  readonly #endsOwed = new Set<Family>();
  #export: Export | undefined;
  #known = false;
  #absences: readonly RouteAbsence[] = [];
  #absencesKnown = false;

  /** How many routes there are at this moment. */
  get counts(): RouteCounts {
    return { wanted: this.#wanted.size, told: this.#told.size, waiting: this.#changed.size };
  }

  /** All that is wanted, in place of what was; routes of one prefix: the last. Until the first call no End-of-RIB is due. */
  set(routes: Iterable<WantedRoute>): void {
    const before = this.#wanted;
    this.#known = true;
    this.#absencesKnown = false;
    this.#wanted = new Map();
    for (const route of routes) this.#wanted.set(prefixKey(route.prefix), route);
    for (const [key, { prefix }] of before) if (!this.#wanted.has(key)) this.#touch(key, prefix);
    for (const [key, { prefix, attributes }] of this.#wanted)
      if (before.get(key)?.attributes !== attributes) this.#touch(key, prefix);
  }

  /** A session is up, over which these families are spoken: its peer knows nothing. */
  begin(families: readonly Family[], exports: Export): void {
    this.end();
    for (const family of families) this.#endsOwed.add(family);
    this.exportBy(exports);
  }

  /** The session that is up sends routes so from now on: those that look different by it are told anew, or withdrawn. */
  exportBy(exports: Export): void {
    this.#export = exports;
    this.#absencesKnown = false;
    for (const [key, { prefix }] of this.#wanted) this.#touch(key, prefix);
  }

  /** The session is over. */
  end(): void {
    this.#export = undefined;
    this.#absencesKnown = false;
    this.#told.clear();
    this.#changed.clear();
    this.#again.clear();
    this.#refreshes.clear();
    this.#endsOwed.clear();
  }

  /** The peer wants all routes of a family again (RFC 2918). */
  refresh(family: Family): void {
    if (this.#export !== undefined) this.#refreshes.add(family);
  }

  /** Whether something is to be told, End-of-RIB too. */
  get pending(): boolean {
    return this.#changed.size > 0 || this.#refreshes.size > 0 || (this.#known && this.#endsOwed.size > 0);
  }

  /** Takes what the peer is to be told next, of at most `limit` prefixes; the caller must send it. */
  take(limit: number): RouteChanges {
    for (const family of this.#refreshes) this.#repeat(family);
    this.#refreshes.clear();
    const announced: Route[] = [];
    const withdrawn: Prefix[] = [];
    let looked = 0;
    for (const [key, prefix] of this.#changed) {
      if (looked++ >= limit) break;
      this.#changed.delete(key);
      const route = this.#turn(key, prefix);
      if (route === "withdrawn") withdrawn.push(prefix);
      else if (route !== "as-before") announced.push(route);
    }
    return { announced, withdrawn };
  }

  /** Takes the families of which the peer has been told all for the first time (RFC 4724, section 2). */
  takeEnds(): readonly Family[] {
    if (!this.#known || this.#changed.size > 0 || this.#refreshes.size > 0) return [];
    const ends = [...this.#endsOwed];
    this.#endsOwed.clear();
    return ends;
  }

  /** What the session that is up does not tell, the first 10,000: the same object as long as it says the same. */
  get absences(): readonly RouteAbsence[] {
    if (this.#absencesKnown) return this.#absences;
    this.#absencesKnown = true;
    const found = this.#findAbsences();
    if (!sameAbsences(this.#absences, found)) this.#absences = found;
    return this.#absences;
  }

  #findAbsences(): readonly RouteAbsence[] {
    const found: RouteAbsence[] = [];
    for (const { prefix, attributes } of this.#wanted.values()) {
      const path = this.#export?.(prefix.address.family, attributes);
      if (path !== undefined && "absent" in path) found.push({ prefix, reason: path.absent });
      if (found.length === MOST_ABSENCES) break;
    }
    return found;
  }

  #touch(key: string, prefix: Prefix): void {
    if (this.#export !== undefined) this.#changed.set(key, prefix);
  }

  #repeat(family: Family): void {
    for (const [key, { prefix }] of this.#told) {
      if (prefix.address.family !== family) continue;
      this.#changed.set(key, prefix);
      this.#again.add(key);
    }
  }

  /** What a changed prefix comes to, which counts as told from here on. */
  #turn(key: string, prefix: Prefix): Route | "withdrawn" | "as-before" {
    const told = this.#told.get(key);
    const again = this.#again.delete(key);
    const wanted = this.#wanted.get(key);
    const path = wanted && this.#export?.(prefix.address.family, wanted.attributes);
    if (wanted === undefined || path === undefined || "absent" in path)
      return this.#told.delete(key) ? "withdrawn" : "as-before";
    const { attributes } = wanted;
    const { nextHop } = path;
    if (told !== undefined && !again && looksAs(told, { prefix, attributes, nextHop })) return "as-before";
    this.#told.set(key, { prefix, attributes, nextHop });
    return { prefix, attributes: path };
  }
}

/** Whether routes to one prefix look the same to the peer. */
function looksAs(a: Told, b: Told): boolean {
  return sameNextHop(a.nextHop, b.nextHop) && sameAttributes(a.attributes, b.attributes);
}

function sameAbsences(a: readonly RouteAbsence[], b: readonly RouteAbsence[]): boolean {
  const isSame = ({ prefix, reason }: RouteAbsence, other: RouteAbsence | undefined): boolean =>
    reason === other?.reason && prefixKey(prefix) === prefixKey(other.prefix);
  return a.length === b.length && a.every((each, place) => isSame(each, b[place]));
}

function prefixKey({ address, length }: Prefix): string {
  return `${addressKey(address)}/${length}`;
}
