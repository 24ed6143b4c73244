import type { Ingress, Service } from "../api/service.ts";
import type { ServiceFields } from "./service-fields.ts";

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

const windowMs = 10 * 60_000;
const undoneTimes = 3;
const sweepAbove = 1_000;

type Writes = { readonly value: string; readonly timesMs: readonly number[] };

/**
 * Remembers what was written where, to notice that somebody else undoes it: the same value of a field of one object, written
 * 3 times within 10 minutes and wanted once more. Times are on one monotonic clock.
 */
export class Contests {
  readonly #writes = new Map<string, Writes>();
  #sweepAbove = sweepAbove;

  /** Notes a write that succeeded. */
  written({ uid, field, value }: FieldWrite, nowMs: number): void {
    const key = `${uid} ${field}`;
    const before = this.#writes.get(key);
    const timesMs = before?.value === value ? before.timesMs : [];
    this.#writes.set(key, { value, timesMs: [...timesMs, nowMs].slice(-undoneTimes) });
    this.#sweep(nowMs);
  }

  /** Whether to write it once more would be to fight: true from the third undoing on, for as long as the value is the same. */
  contested({ uid, field, value }: FieldWrite): boolean {
    const writes = this.#writes.get(`${uid} ${field}`);
    return writes?.value === value && isFight(writes);
  }

  #sweep(nowMs: number): void {
    if (this.#writes.size <= this.#sweepAbove) return;
    for (const [key, writes] of this.#writes) {
      if (!isFight(writes) && nowMs - (writes.timesMs.at(-1) ?? 0) > windowMs) this.#writes.delete(key);
    }
    this.#sweepAbove = Math.max(sweepAbove, 2 * this.#writes.size);
  }
}

function isFight({ timesMs }: Writes): boolean {
  const [first, , last] = timesMs;
  return first !== undefined && last !== undefined && last - first <= windowMs;
}
