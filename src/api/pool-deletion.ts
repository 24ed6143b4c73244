import { compareAddresses, formatAddress } from "../net/address.ts";
import type { PoolObject } from "./ip-pool.ts";
import type { Review } from "./pool-review.ts";
import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "./vip-advertisement.ts";

/** The annotation of an IPPool that, with the value `true`, allows to delete it while Services hold its addresses. */
export const forceAnnotation = "herald.dev/force";

const path = `metadata.annotations[${forceAnnotation}]`;

/**
 * Whether an IPPool may be deleted: not while Services hold addresses that were taken from it, of which the first four are
 * named, unless it is annotated `herald.dev/force: "true"`; then the same is a warning. Nobody loses an address either way.
 */
export function reviewPoolDeletion(pool: PoolObject, advertisements: readonly AdvertisementObject[]): Review {
  const { name, annotations } = pool.metadata;
  const held = advertisements
    .map(parseAdvertisement)
    .flatMap((parsed) => ("value" in parsed ? [parsed.value] : []))
    .filter((each) => each.pool === name && each.services.length > 0);
  if (held.length === 0) return { problems: [], warnings: [] };
  const holders = formatHolders(held);
  if (annotations?.[forceAnnotation] === "true")
    return {
      problems: [],
      warnings: [{ path, message: `pool ${name} goes, its Services keep what they hold: ${holders}` }],
    };
  const message = `expected "true" to delete pool ${name} while Services hold its addresses, which they would keep: ${holders}`;
  return { problems: [{ path, message }], warnings: [] };
}

const mostNamed = 4;

function formatHolders(held: readonly Advertisement[]): string {
  const texts = held
    .toSorted((a, b) => compareAddresses(a.address, b.address))
    .slice(0, mostNamed)
    .map(({ address, services }) => `${formatAddress(address)} belongs to ${formatServices(services)}`);
  const more = held.length > mostNamed ? ` and ${held.length - mostNamed} more` : "";
  return texts.join(", ") + more;
}

function formatServices([first, ...others]: Advertisement["services"]): string {
  const more = others.length > 0 ? ` (+${others.length})` : "";
  return `${first?.namespace}/${first?.name}${more}`;
}
