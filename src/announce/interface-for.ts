import { type InterfacePattern, matchesPattern, parseInterfacePattern } from "../api/interface-pattern.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { prefixContains } from "../net/prefix.ts";
import type { Ineligible } from "./reason.ts";

/** As much of an interface as decides whether an address is announced on it. */
type CandidateInterface = Pick<NodeInterface, "name" | "up" | "defaultRoute" | "subnets">;

/**
 * The name of the interface on which a node announces an address. `wanted` holds names and `/regular expressions/`; one
 * that parseInterfacePattern does not read names none. If it is empty, every interface is wanted. Of the wanted ones it is the one with the longest
 * prefix that holds the address, then the default route's; where names are given, then any of them. It must be up: an
 * interface that is down is never replaced by one of another LAN.
 */
export function interfaceFor(
  address: Address,
  wanted: readonly string[],
  interfaces: readonly CandidateInterface[],
): { readonly interface: string } | Ineligible {
  const found = interfaceChoice(address, wanted, interfaces);
  if (found === undefined) return noInterface(address, wanted);
  if (found.up) return { interface: found.name };
  return { reason: "InterfaceDown", message: `interface ${found.name} is down` };
}

/** As interfaceFor, also while the interface is down; undefined: none suits. */
export function interfaceChoice<Candidate extends CandidateInterface>(
  address: Address,
  wanted: readonly string[],
  interfaces: readonly Candidate[],
): Candidate | undefined {
  const candidates = wanted.length === 0 ? interfaces : interfaces.filter(({ name }) => isWanted(name, wanted));
  return (
    nearest(address, candidates) ??
    upFirst(candidates.filter(({ defaultRoute }) => defaultRoute)) ??
    (wanted.length === 0 ? undefined : upFirst(candidates))
  );
}

function isWanted(name: string, wanted: readonly string[]): boolean {
  return wanted.some((each) => {
    const expression = /^\/(.*)\/$/s.exec(each)?.[1];
    if (expression === undefined) return each === name;
    const pattern = patternOf(expression);
    return pattern !== undefined && matchesPattern(pattern, name);
  });
}

const patterns = new Map<string, InterfacePattern | undefined>();

const mostPatterns = 1000;

function patternOf(text: string): InterfacePattern | undefined {
  if (!patterns.has(text)) {
    const parsed = parseInterfacePattern(text);
    if (patterns.size >= mostPatterns) patterns.clear();
    patterns.set(text, "problem" in parsed ? undefined : parsed);
  }
  return patterns.get(text);
}

/** The one with the longest prefix that holds the address; of equals one that is up. */
function nearest<Candidate extends CandidateInterface>(
  address: Address,
  interfaces: readonly Candidate[],
): Candidate | undefined {
  const lengths = interfaces.map((candidate) => prefixLengthFor(address, candidate));
  const longest = Math.max(...lengths);
  return longest < 0 ? undefined : upFirst(interfaces.filter((_, i) => lengths[i] === longest));
}

function prefixLengthFor(address: Address, { subnets }: CandidateInterface): number {
  let longest = -1;
  for (const subnet of subnets) if (prefixContains(subnet, address)) longest = Math.max(longest, subnet.length);
  return longest;
}

function upFirst<Candidate extends CandidateInterface>(interfaces: readonly Candidate[]): Candidate | undefined {
  return interfaces.find(({ up }) => up) ?? interfaces[0];
}

/** So many texts of at most 64 characters keep a message far below the 1,024 characters that a VIPNode takes. */
const namedInMessage = 4;

function noInterface(address: Address, wanted: readonly string[]): Ineligible {
  const message =
    wanted.length === 0
      ? `no interface has a subnet with ${formatAddress(address)} or the default route`
      : `no interface is called ${shortened(wanted)}`;
  return { reason: "NoInterface", message };
}

function shortened(wanted: readonly string[]): string {
  const more = wanted.length - namedInMessage;
  return [...wanted.slice(0, namedInMessage), ...(more > 0 ? [`one of ${more} more`] : [])].join(" or ");
}
