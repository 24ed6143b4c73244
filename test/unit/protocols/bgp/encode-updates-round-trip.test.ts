import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../../../src/net/address.ts";
import { formatPrefix } from "../../../../src/net/prefix.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeUpdates } from "../../../../src/protocols/bgp/encode-updates.ts";
import type { Negotiated, Route, RouteChanges } from "../../../../src/protocols/bgp/message.ts";
import { anyAttributes, anyPrefix, negotiation } from "./messages.ts";
import { readUpdate } from "./update-reader.ts";

describe("what is sent is what is read", () => {
  const sets = (family: 4 | 6, nextHop: 4 | 6): fc.Arbitrary<readonly Route[]> =>
    fc
      .array(fc.tuple(anyAttributes(nextHop), fc.array(anyPrefix(family), { minLength: 1, maxLength: 300 })), {
        maxLength: 3,
      })
      .map((list) => list.flatMap(([path, list6]) => list6.map((each) => ({ prefix: each, attributes: path }))));
  const session = fc.record(
    { fourOctetAs: fc.boolean(), extendedMessage: fc.boolean(), extendedNextHop: fc.boolean() },
    { noNullPrototype: true },
  );
  const key = ({ prefix: of, attributes: path }: Route): string => {
    const { origin, asPath, nextHop, med, localPref, communities, largeCommunities } = path;
    const hops = [nextHop.address, ...(nextHop.linkLocal ? [nextHop.linkLocal] : [])].map(formatAddress);
    const lists = [asPath, hops, communities, largeCommunities].map((list) => list.join());
    return [formatPrefix(of), origin, med, localPref, ...lists].join(" ");
  };

  for (const [name, family, nextHop] of [
    ["IPv4", 4, 4],
    ["IPv4 by IPv6", 4, 6],
    ["IPv6", 6, 6],
  ] as const)
    it(`any routes: ${name}`, () => {
      fc.assert(
        fc.property(
          sets(family, nextHop),
          fc.array(anyPrefix(family), { maxLength: 300 }),
          session,
          (routes, gone, parts) => {
            const agreed = negotiation({ ...parts, ...(family === 4 && nextHop === 6 && { extendedNextHop: true }) });
            const messages = encodeUpdates({ announced: routes, withdrawn: gone }, agreed);
            const largest = agreed.extendedMessage ? 65_535 : 4096;
            const read = messages.map((message) => {
              assert.ok(message.length <= largest);
              return readUpdate(message, agreed.fourOctetAs ? 4 : 2);
            });
            const sent = read.flatMap(({ announced: list, attributes: path }) =>
              list.flatMap((each) => (path === undefined ? [] : [{ prefix: each, attributes: path }])),
            );
            assert.deepEqual(sent.map(key).sort(), routes.map(key).sort());
            assert.deepEqual(
              read.flatMap(({ withdrawn: list }) => list.map(formatPrefix)),
              gone.map(formatPrefix),
            );
            for (const { types } of read) assert.deepEqual(types, inOrder(types));
            assertCounts(messages, agreed, { announced: routes, withdrawn: gone });
          },
        ),
        { numRuns: 60 },
      );
    });
});

/** MP_REACH_NLRI first, then ascending (RFC 4271, appendix F.4; RFC 7606, 5.1). */
function inOrder(types: readonly number[]): readonly number[] {
  const rank = (type: number): number => (type === 14 || type === 15 ? 0 : type);
  return [...types].sort((a, b) => rank(a) - rank(b));
}

/** From another system only LOCAL_PREF is out of place. */
function assertCounts(messages: readonly Uint8Array[], session: Negotiated, changes: RouteChanges): void {
  const updates = messages.map((message) => decodeMessage(message, session));
  const total = (of: "announced" | "withdrawn"): number =>
    updates.reduce((sum, update) => (update.kind === "update" ? sum + update[of][4] + update[of][6] : sum), 0);
  assert.equal(total("announced"), changes.announced.length);
  assert.equal(total("withdrawn"), changes.withdrawn.length);
  const faults = updates.flatMap((update) => (update.kind === "update" ? update.faults : []));
  assert.ok(faults.every(({ message }) => message === "LOCAL_PREF: from another autonomous system"));
}
