import { formatProblems } from "../api/problem.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, formatAddress, notAnAddress, parseAddress, sameAddress } from "../net/address.ts";
import { invalidRequest, type Refusal } from "./refusal.ts";

/**
 * The addresses that a Service asks for, each once; empty if it asks for none. The annotation wins over
 * `spec.loadBalancerIP`, which is an ask only while its value is no address that the Service holds or that Herald wrote there.
 */
export function askedAddresses(service: Service, held: readonly Advertisement[]): readonly Address[] | Refusal {
  const { addresses, problems } = service.asks;
  if (problems.length > 0) return invalidRequest(formatProblems(problems));
  if (addresses !== undefined && addresses.length > 0) return addresses;
  const text = service.loadBalancerIP;
  if (text === "" || held.some((each) => formatAddress(each.address) === text)) return [];
  const address = parseAddress(text);
  if (address === undefined) return invalidRequest(`spec.loadBalancerIP: ${notAnAddress(text)}`);
  const known = [...held.map((each) => each.address), ...(service.allocated ?? [])];
  return known.some((each) => sameAddress(each, address)) ? [] : [address];
}
