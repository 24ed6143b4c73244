import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressKey } from "../net/address.ts";
import type { Draft } from "./draft.ts";

/** Whether another station had the address before it was ever announced. */
export function isConflicted(
  { snapshot: { conflicts } }: Pick<Draft, "snapshot">,
  { address }: Advertisement,
): boolean {
  return conflicts !== undefined && conflicts.size > 0 && conflicts.has(addressKey(address));
}

/**
 * Whether a conflicted address is to be replaced by another: it was chosen, not kept for the Service, and nobody shares it. An
 * address that was asked for waits until the other station is gone.
 */
export function isReplaceable(draft: Draft, { key }: Service, held: Advertisement): boolean {
  if (!isConflicted(draft, held) || held.services.length > 1) return false;
  return !draft.reservations.get(addressKey(held.address))?.some(({ owner }) => owner === key);
}
