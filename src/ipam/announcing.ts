import { defaultAnnouncement } from "../api/announcement.ts";
import { type Overridden, overriddenAnnouncement } from "../api/announcement-override.ts";
import { announcedLength, isAggregated } from "../api/bgp-announcement.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Family } from "../net/address.ts";
import { aggregateWithLocal, type Refusal } from "./refusal.ts";

type Asking = Pick<Service, "asks">;

/** How a Service's address from a pool is announced, and what of its wishes the pool does not permit; undefined: outside every pool. */
export function announcementFor({ asks: { overrides } }: Asking, pool: Pool | undefined): Overridden {
  const announcement = pool?.announcement ?? defaultAnnouncement;
  if (overrides === undefined) return { announcement, denied: [] };
  return overriddenAnnouncement(announcement, overrides, pool?.allowOverrides ?? new Set());
}

/** Whether what the Service says of its announcement is not understood: it stays as it is then. */
export function isAnnouncementUnread({ asks: { problems } }: Asking): boolean {
  return problems.some(({ path }) => /herald\.dev\/(protocols|nodes)\b/.test(path));
}

/** Which of a Service's wishes about its announcement the pool of its address does not permit, in words; undefined: none. */
export function denialNote(service: Asking, pool: Pool | undefined): string | undefined {
  const { denied } = announcementFor(service, pool);
  if (denied.length === 0) return undefined;
  const annotations = denied.map((each) => `herald.dev/${each}`).join(" and ");
  const vain = `${annotations} ${denied.length === 1 ? "has" : "have"} no effect`;
  if (pool === undefined) return `outside every pool ${vain}`;
  return `pool ${pool.name} does not let services override ${denied.join(" and ")}, so ${vain}`;
}

/** Why a pool gives a Service no address of this family because of how it is announced; undefined: nothing is in the way. */
export function announcementRefusal(
  service: Asking & Pick<Service, "trafficPolicy">,
  pool: Pool,
  family: Family,
): Refusal | undefined {
  if (service.trafficPolicy !== "Local") return undefined;
  const { bgp } = announcementFor(service, pool).announcement;
  if (bgp === undefined || !isAggregated(bgp, family)) return undefined;
  return aggregateWithLocal(pool.name, announcedLength(bgp, family));
}
