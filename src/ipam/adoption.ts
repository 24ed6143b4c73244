import type { Service } from "../api/service.ts";
import { type Address, addressKey, parseAddress, sameAddress } from "../net/address.ts";
import { byAge, type Claimant, type ShownAddress } from "./claimant.ts";
import { type Draft, type Grant, holdersOf } from "./draft.ts";
import { adoptionRefused, type Refusal } from "./refusal.ts";
import { requestedGrants } from "./requested-address.ts";
import { unshareable } from "./sharing.ts";

const none: readonly ShownAddress[] = [];

/**
 * What a Service shows of each family that it wants and holds no address of: what is in its ingress, else in the annotation;
 * of these the ones that it also asks for, else the first.
 */
export function shownAddresses({
  service,
  demand,
  held,
}: Pick<Claimant, "service" | "demand" | "held">): readonly ShownAddress[] {
  if (service.terminating || (service.ingress.length === 0 && service.allocated === undefined)) return none;
  const unheld = demand.families.filter((family) => !held.some(({ address }) => address.family === family));
  if (unheld.length === 0) return none;
  const ingress = service.ingress.flatMap(({ ip }) => (ip === undefined ? [] : (parseAddress(ip) ?? [])));
  const { addresses: asked = [] } = service.asks;
  return unheld.flatMap((family) => {
    const isOfFamily = (address: Address): boolean => address.family === family;
    const origin = ingress.some(isOfFamily) ? "ingress" : "annotation";
    const shown = (origin === "ingress" ? ingress : (service.allocated ?? [])).filter(isOfFamily);
    const wanted = asked.filter((each) => shown.some((address) => sameAddress(each, address)));
    return (wanted.length > 0 ? wanted : shown.slice(0, 1)).map((address) => ({ address, origin }));
  });
}

/** Notes which Services show which address in their status: nobody gets it by an annotation. */
export function noteShown({ shown: noted }: Draft, { service, shown }: Claimant): void {
  for (const { address, origin } of shown) {
    if (origin !== "ingress") continue;
    const key = addressKey(address);
    const known = noted.get(key);
    if (known === undefined) noted.set(key, [service]);
    else known.push(service);
  }
}

/**
 * Notes the addresses that several Services show in their status, each of which could have it, and that may not share it:
 * which of them is served cannot be known, so nobody gets it until there is one left.
 */
export function noteDisputes(claimants: readonly Claimant[], draft: Draft): void {
  for (const services of draft.shown.values()) services.sort((a, b) => byAge({ service: a }, { service: b }));
  const shownByMore = claimants.filter(({ shown }) =>
    shown.some(
      ({ address, origin }) => origin === "ingress" && (draft.shown.get(addressKey(address))?.length ?? 0) > 1,
    ),
  );
  const able = shownByMore.filter((claimant) => !("reason" in adoptedGrants(claimant, draft)));
  for (const { service, shown } of able)
    for (const { address, origin } of shown) {
      const key = addressKey(address);
      const others = draft.shown.get(key) ?? [];
      const isRival = (other: Service): boolean =>
        able.some((each) => each.service === other) && unshareable(service, other) !== undefined;
      if (origin === "ingress" && others.some((other) => other !== service && isRival(other))) draft.disputed.add(key);
    }
}

/** All that the Service shows, or, if that cannot be, what is in its status alone, or why that cannot become its own. */
export function adoptedGrants({ service, demand, shown }: Claimant, draft: Draft): readonly Grant[] | Refusal {
  const grantsOf = (some: readonly ShownAddress[]): readonly Grant[] | Refusal => {
    const requests = some.map((each) => ({ service, demand, ...each }));
    return requestedGrants(requests, draft);
  };
  const all = grantsOf(shown);
  if (!("reason" in all)) return all;
  const inStatus = shown.filter(({ origin }) => origin === "ingress");
  const grants = inStatus.length === 0 ? all : grantsOf(inStatus);
  return "reason" in grants ? adoptionRefused(grants) : grants;
}

/** Whether a Service shows only in its annotation what is another one's: it was made from the manifest of that one. */
export function isCopy({ service, shown }: Claimant, draft: Draft): boolean {
  if (shown.some(({ origin }) => origin === "ingress")) return false;
  return shown.some(({ address }) => {
    const holders = holdersOf(draft, address).map(({ namespace, name }) => `${namespace}/${name}`);
    const owners = [...holders, ...(draft.shown.get(addressKey(address)) ?? []).map(({ key }) => key)];
    return owners.length > 0 && !owners.includes(service.key);
  });
}
