import { asPathProblem } from "./as-path.ts";
import { attributeClass, attributeType } from "./attribute-types.ts";
import type { Negotiated, UpdateFault } from "./message.ts";

/** What is expected of an attribute, and what an error in it leads to (RFC 7606, section 7, and the RFC of each). */
export type AttributeRule = {
  readonly name: string;
  /** Which of the bits optional and transitive are set. */
  readonly class: number;
  readonly approach: UpdateFault["approach"];
  /** What other flags lead to (RFC 7606, section 3, c). */
  readonly flagsApproach: UpdateFault["approach"];
  /** From a peer of another autonomous system it is discarded, whatever it says. */
  readonly internalOnly?: true;
  /** What is wrong with a value, or undefined. */
  readonly problem: (value: Uint8Array, negotiated: Negotiated) => string | undefined;
};

type Problem = AttributeRule["problem"];

const { wellKnown, optional, optionalTransitive } = attributeClass;
const withdraw = "treat-as-withdraw";
const discard = "attribute-discard";

const bytes = (value: Uint8Array): string => `${value.length} bytes`;
const exactly = (...lengths: readonly number[]): Problem => {
  return (value) => (lengths.includes(value.length) ? undefined : bytes(value));
};
const oneOrMore = (length: number): Problem => {
  return (value) => (value.length > 0 && value.length % length === 0 ? undefined : bytes(value));
};
const atLeast = (length: number): Problem => {
  return (value) => (value.length >= length ? undefined : bytes(value));
};

const largestOrigin = 2;
const originProblem: Problem = (value) => {
  const [origin] = value;
  if (origin === undefined || value.length > 1) return bytes(value);
  return origin > largestOrigin ? `value ${origin}` : undefined;
};

/** RFC 7607: an aggregator of AS 0. */
const aggregatorProblem =
  (numberLength: 2 | 4): Problem =>
  (value) => {
    if (value.length !== numberLength + 4) return bytes(value);
    return value.subarray(0, numberLength).every((byte) => byte === 0) ? "AS 0" : undefined;
  };

/** RFC 6793, section 4.1: between two that know four octets it has no place. */
const onlyFromTwoOctets =
  (problem: Problem): Problem =>
  (value, negotiated) =>
    negotiated.fourOctetAs ? "from a peer that needs none" : problem(value, negotiated);

const as4PathProblem = onlyFromTwoOctets((value) => (value.length === 0 ? bytes(value) : asPathProblem(value, 4)));
const as4AggregatorProblem = onlyFromTwoOctets(aggregatorProblem(4));

const AIGP_TYPE = 1;
const AIGP_LENGTH = 11;

/** RFC 7311, section 3: elements of type, length (of all of it) and value. */
const aigpProblem: Problem = (value) => {
  for (let at = 0; at < value.length; ) {
    const [type, high = 0, low = 0] = value.subarray(at, at + 3);
    const length = high * 256 + low;
    if (length < 3 || at + length > value.length) return `element of ${length} bytes`;
    if (type === AIGP_TYPE && length !== AIGP_LENGTH) return `metric of ${length} bytes`;
    at += length;
  }
  return value.length === 0 ? bytes(value) : undefined;
};

const rule = (name: string, flags: number, approach: UpdateFault["approach"], problem: Problem): AttributeRule => {
  return { name, class: flags, approach, flagsApproach: withdraw, problem };
};

/** By type; what is not here is not looked at, and what holds prefixes is read in update.ts. */
export const attributeRules: ReadonlyMap<number, AttributeRule> = new Map([
  [attributeType.origin, rule("ORIGIN", wellKnown, withdraw, originProblem)],
  [
    attributeType.asPath,
    rule("AS_PATH", wellKnown, withdraw, (value, n) => asPathProblem(value, n.fourOctetAs ? 4 : 2)),
  ],
  [attributeType.nextHop, rule("NEXT_HOP", wellKnown, withdraw, exactly(4))],
  [attributeType.med, rule("MULTI_EXIT_DISC", optional, withdraw, exactly(4))],
  [attributeType.localPref, { ...rule("LOCAL_PREF", wellKnown, withdraw, exactly(4)), internalOnly: true }],
  [attributeType.atomicAggregate, rule("ATOMIC_AGGREGATE", wellKnown, discard, exactly(0))],
  [
    attributeType.aggregator,
    rule("AGGREGATOR", optionalTransitive, discard, (value, n) => aggregatorProblem(n.fourOctetAs ? 4 : 2)(value, n)),
  ],
  [attributeType.communities, rule("COMMUNITIES", optionalTransitive, withdraw, oneOrMore(4))],
  [attributeType.originatorId, { ...rule("ORIGINATOR_ID", optional, withdraw, exactly(4)), internalOnly: true }],
  [attributeType.clusterList, { ...rule("CLUSTER_LIST", optional, withdraw, oneOrMore(4)), internalOnly: true }],
  [attributeType.extendedCommunities, rule("EXTENDED COMMUNITIES", optionalTransitive, withdraw, oneOrMore(8))],
  [attributeType.as4Path, rule("AS4_PATH", optionalTransitive, discard, as4PathProblem)],
  [attributeType.as4Aggregator, rule("AS4_AGGREGATOR", optionalTransitive, discard, as4AggregatorProblem)],
  [
    attributeType.ipv6ExtendedCommunities,
    rule("IPv6 EXTENDED COMMUNITIES", optionalTransitive, withdraw, oneOrMore(20)),
  ],
  [attributeType.aigp, { ...rule("AIGP", optional, discard, aigpProblem), flagsApproach: discard }],
  [attributeType.largeCommunities, rule("LARGE_COMMUNITY", optionalTransitive, withdraw, oneOrMore(12))],
  [attributeType.onlyToCustomer, rule("ONLY_TO_CUSTOMER", optionalTransitive, withdraw, exactly(4))],
  [attributeType.attributeSet, rule("ATTR_SET", optionalTransitive, withdraw, atLeast(4))],
]);
