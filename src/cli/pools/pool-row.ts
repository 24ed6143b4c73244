import type { Condition } from "../../api/condition.ts";
import { type PoolCounts, type PoolObject, type PoolStatus, parsePoolStatus } from "../../api/ip-pool.ts";

/** One pool as the list shows it; also what `-o json` prints. */
export type PoolRow = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly automatic: boolean;
  readonly priority: number;
  readonly paused: boolean;
  /** Absent: it has none of this family, or the controller has not looked at it yet. */
  readonly ipv4?: PoolCounts;
  readonly ipv6?: PoolCounts;
  readonly ready: "True" | "False" | "Unknown";
  /** What is not as it should be, in words; each a reason with its message. */
  readonly remarks: readonly string[];
  readonly createdAt: string;
};

/** The conditions by which the controller says that a pool can be used; all others tell of trouble while they are True. */
const fineWhileTrue = new Set(["Ready"]);

/** The row of a pool, whether it can be read or not. */
export function poolRow(object: PoolObject): PoolRow {
  const { metadata, spec } = object;
  const status = parsePoolStatus(object.status);
  const { ipv4, ipv6 } = status;
  const ready = status.conditions.find(({ type }) => type === "Ready")?.status ?? "Unknown";
  const { automatic = true, priority = 0, paused = false } = spec;
  return {
    name: metadata.name,
    addresses: spec.addresses,
    automatic,
    priority,
    paused,
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
    ready,
    remarks: remarks(object, status),
    createdAt: metadata.creationTimestamp ?? "",
  };
}

function remarks({ metadata, spec }: PoolObject, { observedGeneration, conditions }: PoolStatus): readonly string[] {
  const troubles = conditions.filter(isTrouble).map(({ reason, message }) => `${reason}: ${message}`);
  if (observedGeneration === undefined) return ["the controller has not looked at it yet", ...troubles];
  return [
    ...(spec.paused ? ["paused: gives nothing new"] : []),
    ...(observedGeneration === metadata.generation ? [] : ["changed since the controller looked at it"]),
    ...troubles,
  ];
}

function isTrouble({ type, status }: Condition): boolean {
  return fineWhileTrue.has(type) ? status !== "True" : status === "True";
}
