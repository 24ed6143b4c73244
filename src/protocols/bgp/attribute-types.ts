/** The numbers of path attributes. */
export const attributeType = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  aigp: 26,
  largeCommunities: 32,
  onlyToCustomer: 35,
  attributeSet: 128,
} as const;

/** The bits of an attribute's first byte (RFC 4271, section 4.3); the lower four mean nothing. */
export const attributeFlag = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;

/** The two bits that tell how an attribute is passed on: who must know it, and whether who does not know it keeps it. */
export const attributeClass = {
  wellKnown: attributeFlag.transitive,
  optionalTransitive: attributeFlag.optional | attributeFlag.transitive,
  optional: attributeFlag.optional,
} as const;
