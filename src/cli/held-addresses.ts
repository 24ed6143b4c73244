import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "../api/vip-advertisement.ts";
import { compareAddresses, formatAddress } from "../net/address.ts";

/** The addresses that a Service holds and that can be read, lowest first. */
export function heldAddresses(objects: readonly AdvertisementObject[]): readonly Advertisement[] {
  return objects
    .map(parseAdvertisement)
    .flatMap((parsed) => ("value" in parsed && parsed.value.services.length > 0 ? [parsed.value] : []))
    .sort((a, b) => compareAddresses(a.address, b.address));
}

/** An address with the Services that have it: `203.0.113.7 (shop/web)`. */
export function addressWithOwners({ address, services }: Advertisement): string {
  return `${formatAddress(address)} (${services.map(({ namespace, name }) => `${namespace}/${name}`).join(", ")})`;
}
