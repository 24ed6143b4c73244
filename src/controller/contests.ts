import type { ConditionState } from "../api/condition.ts";
import type { Ingress, Service } from "../api/service.ts";
import type { ServiceFields } from "./service-fields.ts";
import { contestReasons, type ServiceStatusPatch } from "./service-status.ts";

/** A value that Herald writes where others write too. */
export type FieldWrite = { readonly uid: string; readonly field: string; readonly value: string };

/** What a patch of a Service's fields writes, one by one. */
export function fieldWrites({ uid }: Service, { loadBalancerIP, allocated }: ServiceFields): readonly FieldWrite[] {
  const field = "spec.loadBalancerIP";
  const annotation = "annotation herald.dev/allocated";
  return [
    ...(allocated === undefined ? [] : [{ uid, field: annotation, value: allocated ?? "" }]),
    ...(loadBalancerIP === undefined ? [] : [{ uid, field, value: loadBalancerIP ?? "" }]),
  ];
}

/** What a patch of a Service's ingress writes. */
export function ingressWrite({ uid }: Service, ingress: readonly Ingress[]): FieldWrite {
  return { uid, field: "status.loadBalancer.ingress", value: ingress.map(({ ip }) => ip).join(",") };
}

/** What writing one of a Service's conditions writes; since when it is so does not count. */
export function conditionWrite({ uid }: Service, state: ConditionState): FieldWrite {
  const { type, status, reason, message, observedGeneration = "" } = state;
  const value = `${status} ${reason} ${observedGeneration} ${message}`;
  // Saying that a condition is contested must not end the memory of the fight over it.
  return { uid, field: contestReasons.has(reason) ? `condition ${type}: ${value}` : `condition ${type}`, value };
}

/** What a patch of a Service's status writes, one by one. */
export function statusWrites(service: Service, patch: ServiceStatusPatch): readonly FieldWrite[] {
  const { ingress, conditions, removed } = patch;
  return [
    ...(ingress === undefined ? [] : [ingressWrite(service, ingress)]),
    ...conditions.map((condition) => conditionWrite(service, condition)),
    ...removed.map((type) => ({ uid: service.uid, field: `condition ${type}`, value: "" })),
  ];
}

const windowMs = 10 * 60_000;
const undoneTimes = 3;
const restMs = 60 * 60_000;

/** More than 10,000 Services make of everything within 10 minutes; the oldest are forgotten before their time. */
const mostRecent = 100_000;
const mostFights = 10_000;

type Writes = { readonly value: string; readonly timesMs: readonly number[] };
type Fight = { readonly value: string; readonly writtenMs: number };

/**
 * Remembers what was written where, to notice that somebody else undoes it: the same value of a field of one object, written
 * 3 times within 10 minutes and wanted once more, is contested and rests for an hour. Then one write tries whether the other
 * is gone: if it is undone, the field rests for another hour. What nobody undoes is forgotten an hour after it might have been
 * tried, what is no fight after 10 minutes. Times are on one monotonic clock.
 */
export class Contests {
  /** Both in the order of the last writes. */
  readonly #recent = new Map<string, Writes>();
  readonly #fights = new Map<string, Fight>();

  /** Of how many fields something is remembered. */
  get size(): number {
    return this.#recent.size + this.#fights.size;
  }

  /** Notes a write that succeeded. */
  written({ uid, field, value }: FieldWrite, nowMs: number): void {
    const key = `${uid} ${field}`;
    const timesMs = [...this.#timesMs(key, value), nowMs].slice(-undoneTimes);
    const fought = this.#fights.get(key)?.value === value || isFight(timesMs);
    this.#recent.delete(key);
    this.#fights.delete(key);
    if (fought) this.#fights.set(key, { value, writtenMs: nowMs });
    else this.#recent.set(key, { value, timesMs });
    forget(this.#recent, mostRecent, (each) => nowMs - (each.timesMs.at(-1) ?? nowMs) > windowMs);
    forget(this.#fights, mostFights, (each) => nowMs - each.writtenMs > 2 * restMs);
  }

  /** Whether to write it once more would be to fight: true from the third undoing on, for an hour, while the value is the same. */
  contested({ uid, field, value }: FieldWrite, nowMs: number): boolean {
    const fight = this.#fights.get(`${uid} ${field}`);
    return fight?.value === value && nowMs - fight.writtenMs < restMs;
  }

  /** How long until a contested field may be written again, in ms; undefined: there is none. */
  restEndsInMs(nowMs: number): number | undefined {
    for (const { writtenMs } of this.#fights.values()) {
      if (nowMs - writtenMs < restMs) return writtenMs + restMs - nowMs;
    }
    return undefined;
  }

  #timesMs(key: string, value: string): readonly number[] {
    const recent = this.#recent.get(key);
    return recent?.value === value ? recent.timesMs : [];
  }
}

function isFight(timesMs: readonly number[]): boolean {
  const [first, , last] = timesMs;
  return first !== undefined && last !== undefined && last - first <= windowMs;
}

/** Takes out the oldest while they are over, or there are too many of them. */
function forget<Each>(all: Map<string, Each>, most: number, isOver: (each: Each) => boolean): void {
  for (const [key, each] of all) {
    if (all.size <= most && !isOver(each)) return;
    all.delete(key);
  }
}
