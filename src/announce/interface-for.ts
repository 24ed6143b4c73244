import type { NodeInterface } from "../api/vip-node.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { prefixContains } from "../net/prefix.ts";
import type { Ineligible } from "./reason.ts";

/** As much of an interface as decides whether an address is announced on it. */
export type CandidateInterface = Pick<NodeInterface, "name" | "up" | "defaultRoute" | "subnets">;

/**
 * The name of the interface on which a node announces an address. `wanted` holds names and `/regular expressions/`, each
 * of which must compile; if it is empty, every interface is wanted. Of the wanted ones it is the one with the longest
 * prefix that holds the address, then the default route's; where names are given, then any of them. It must be up: an
 * interface that is down is never replaced by one of another LAN.
 */
export function interfaceFor(
  address: Address,
  wanted: readonly string[],
  interfaces: readonly CandidateInterface[],
): { readonly interface: string } | Ineligible {
  const candidates = wanted.length === 0 ? interfaces : interfaces.filter(({ name }) => isWanted(name, wanted));
  const found =
    nearest(address, candidates) ??
    upFirst(candidates.filter(({ defaultRoute }) => defaultRoute)) ??
    (wanted.length === 0 ? undefined : upFirst(candidates));
  if (found === undefined) return noInterface(address, wanted);
  if (found.up) return { interface: found.name };
  return { reason: "InterfaceDown", message: `interface ${found.name} is down` };
}

function isWanted(name: string, wanted: readonly string[]): boolean {
  return wanted.some((each) => {
    const expression = /^\/(.*)\/$/s.exec(each)?.[1];
    return expression === undefined ? each === name : compiled(expression).test(name);
  });
}

const expressions = new Map<string, RegExp>();

const mostExpressions = 1000;

function compiled(text: string): RegExp {
  let expression = expressions.get(text);
  if (expression === undefined) {
    expression = new RegExp(text);
    if (expressions.size >= mostExpressions) expressions.clear();
    expressions.set(text, expression);
  }
  return expression;
}

/** The one with the longest prefix that holds the address; of equals one that is up. */
function nearest(address: Address, interfaces: readonly CandidateInterface[]): CandidateInterface | undefined {
  const lengths = interfaces.map((candidate) => prefixLengthFor(address, candidate));
  const longest = Math.max(...lengths);
  return longest < 0 ? undefined : upFirst(interfaces.filter((_, i) => lengths[i] === longest));
}

function prefixLengthFor(address: Address, { subnets }: CandidateInterface): number {
  let longest = -1;
  for (const subnet of subnets) if (prefixContains(subnet, address)) longest = Math.max(longest, subnet.length);
  return longest;
}

function upFirst(interfaces: readonly CandidateInterface[]): CandidateInterface | undefined {
  return interfaces.find(({ up }) => up) ?? interfaces[0];
}

function noInterface(address: Address, wanted: readonly string[]): Ineligible {
  const message =
    wanted.length === 0
      ? `no interface has a subnet with ${formatAddress(address)} or the default route`
      : `no interface is called ${wanted.join(" or ")}`;
  return { reason: "NoInterface", message };
}
