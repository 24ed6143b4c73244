import type { Ingress, Service } from "../api/service.ts";
import type { Address } from "../net/address.ts";
import { addressText } from "./address-text.ts";

/** An address that a Service holds, and whether a node answers for it now. */
export type HeldAddress = { readonly address: Address; readonly announced: boolean };

/**
 * The entries that `status.loadBalancer.ingress` must have while the Service holds these addresses (ipFamilies order), or
 * undefined if it has them. An address enters once it is announced and stays until the Service holds it no more: there is
 * no input by which an outage takes it out or two addresses change places. Entries that are not the Service's make room
 * for the first address that is, or go when waiting for one is over (`settled`); with none held, only Herald's own go.
 */
export function serviceIngress(
  service: Service,
  held: readonly HeldAddress[],
  settled: boolean,
): readonly Ingress[] | undefined {
  const shown = service.ingress;
  const wanted = held.flatMap(({ address, announced }): readonly Ingress[] => {
    const ip = addressText(address);
    if (announced) return [{ ip, ipMode: "VIP" }];
    // What nobody of ours announces may be somebody else's entry, who has his own way to write it.
    return shown.filter((entry) => entry.ip === ip).slice(0, 1);
  });
  const wait = wanted.length === 0 && (held.length === 0 || !settled);
  if (wait) return withoutOurs(service, held);
  return sameIngress(shown, wanted) ? undefined : wanted;
}

function withoutOurs(
  { ingress, allocated = [] }: Service,
  held: readonly HeldAddress[],
): readonly Ingress[] | undefined {
  if (held.length > 0 || ingress.length === 0 || allocated.length === 0) return undefined;
  const ours = new Set(allocated.map(addressText));
  const rest = ingress.filter(({ ip }) => ip === undefined || !ours.has(ip));
  return rest.length === ingress.length ? undefined : rest;
}

function sameIngress(shown: readonly Ingress[], wanted: readonly Ingress[]): boolean {
  if (shown.length !== wanted.length) return false;
  return shown.every((entry, i) => {
    const other = wanted[i];
    return (
      entry === other || (entry.ip === other?.ip && entry.hostname === undefined && entry.ipMode === other?.ipMode)
    );
  });
}
