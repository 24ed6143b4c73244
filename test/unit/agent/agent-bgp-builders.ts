import { knownPeer } from "../../../src/agent/bgp-follow.ts";
import { knownNode } from "../../../src/agent/bgp-known-node.ts";
import type { KnownPeer, SessionReport } from "../../../src/agent/bgp-ports.ts";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { PeerObject } from "../../../src/api/bgp-peer.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { advertisement, service } from "../../support/builders.ts";

/** A peer at 192.168.50.1, of another AS. */
export function peer(name: string, spec: Partial<PeerObject["spec"]> = {}, generation = 1): KnownPeer {
  const object = { metadata: { name, uid: name, generation }, spec: { asn: 64512, localAsn: 64513, ...spec } };
  const parsed = knownPeer({ ...object, spec: { address: "192.168.50.1", ...object.spec } });
  if ("problems" in parsed) throw new Error(`test data: ${JSON.stringify(parsed.problems)}`);
  return parsed.value;
}

/** The node that the agent is on. */
export const node = knownNode({ metadata: { name: "node1", labels: { rack: "a" } } });

/** The claim of an address that is announced by BGP alone. */
export function routed(text: string, changes: Partial<Advertisement> = {}): Advertisement {
  return advertisement(text, { owner: service(), announcement: { bgp: defaultBgp }, ...changes });
}

/** An established session, as the speaker tells of it. */
export function report(name: string, changes: Partial<SessionReport> = {}): SessionReport {
  const messages = { update: 0, notification: 0 };
  const counters = { sent: messages, received: messages, established: 1, receivedPrefixes: { 4: 0, 6: 0 } };
  const session = {
    state: "Established",
    reason: "KEEPALIVE",
    sinceMs: 1,
    announced: 1,
    waiting: 0,
    absent: [],
    counters,
  } as const;
  return { kind: "bgpSession", name, ...session, serial: Number.MAX_SAFE_INTEGER, ...changes };
}
