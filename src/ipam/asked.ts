import { formatProblems } from "../api/problem.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, formatAddress, parseAddress, sameAddress } from "../net/address.ts";
import type { Demand } from "./demand.ts";
import { invalidRequest, type Refusal } from "./refusal.ts";

/**
 * The addresses that a Service asks for, each once; empty if it asks for none. The annotation wins over
 * `spec.loadBalancerIP`, which is an ask only while its value is no address that the Service holds.
 */
export function askedAddresses(service: Service, held: readonly Advertisement[]): readonly Address[] | Refusal {
  const { addresses, problems } = service.asks;
  if (problems.length > 0) return invalidRequest(formatProblems(problems));
  if (addresses !== undefined && addresses.length > 0) return distinct(addresses);
  const text = service.loadBalancerIP;
  if (text === "" || held.some((each) => formatAddress(each.address) === text)) return [];
  const address = parseAddress(text);
  if (address === undefined) return invalidRequest(`spec.loadBalancerIP: "${text}" is no IP address`);
  return held.some((each) => sameAddress(each.address, address)) ? [] : [address];
}

/**
 * The addresses that a Service without a claim shows already: what Herald wrote, else its ingress. Of each family that
 * it wants, those that it also asks for, else the first.
 */
export function shownAddresses(service: Service, { families }: Demand): readonly Address[] {
  if (service.ingress.length === 0 && service.allocated === undefined) return [];
  const ingress = service.ingress.flatMap(({ ip }) => (ip === undefined ? [] : (parseAddress(ip) ?? [])));
  const shown = distinct(service.allocated?.length ? service.allocated : ingress);
  const asked = service.asks.addresses ?? [];
  return families.flatMap((family) => {
    const ofFamily = shown.filter((address) => address.family === family);
    const wanted = ofFamily.filter((address) => asked.some((each) => sameAddress(each, address)));
    return wanted.length > 0 ? wanted : ofFamily.slice(0, 1);
  });
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter((address, i) => addresses.findIndex((each) => sameAddress(each, address)) === i);
}
