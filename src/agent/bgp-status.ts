import type { NodeRoutes, PeerRoutes, RoutedVip } from "../announce/bgp-routes.ts";
import { annotationsIncomplete } from "../api/bgp-node-annotations.ts";
import { secretMissing } from "../api/bgp-peer.ts";
import type { ConditionState } from "../api/condition.ts";
import { cut } from "../api/cut-text.ts";
import type { NodeBgpSession, NodeRefusal } from "../api/vip-node.ts";
import { type Address, addressKey, compareAddresses } from "../net/address.ts";
import type { OwnPeers } from "./bgp-peer-plan.ts";
import type { SilencesByPeer } from "./bgp-silences.ts";

/** The condition of a node on whose port for BGP its peers cannot connect, and of one whose lo lacks addresses. */
export const troubleConditions = { port: "BGPPortClosed", lo: "AddressOnLoFailed" } as const;

/** Every condition of a node that is there only as long as what it tells of BGP is so. */
export const bgpConditionTypes: readonly string[] = [
  secretMissing,
  annotationsIncomplete,
  ...Object.values(troubleConditions),
];

/** What the speaker cannot do although it is wanted, in words, by what it is about. */
export type Troubles = ReadonlyMap<keyof typeof troubleConditions, string>;

/** What a node has to say of its BGP. */
export type BgpStatus = {
  readonly sessions: readonly NodeBgpSession[];
  /** Whose route an established peer was told, sorted. */
  readonly addresses: readonly Address[];
  /** The addresses that this node in particular is to announce, and that nobody hears of from it. */
  readonly refusals: readonly NodeRefusal[];
  readonly conditions: readonly ConditionState[];
  /** While it is drained: its peers have been told so and nothing is left. */
  readonly departed: boolean;
};

/** As long as the schema takes, with something to spare. */
const longestMessage = 4_096;

/** What is missing or wrong, as conditions that are there only as long as it is. */
export function bgpConditions(
  { missing, problems }: Pick<OwnPeers, "missing" | "problems">,
  secrets: readonly string[],
  troubles: Troubles,
): readonly ConditionState[] {
  const wrong = [
    ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
    ...problems.map(({ path, message }) => `${path} ${message}`),
  ];
  return [
    ...(secrets.length > 0 ? [condition(secretMissing, secretMissing, secrets)] : []),
    ...(wrong.length > 0
      ? [condition(annotationsIncomplete, missing.length > 0 ? "Missing" : "Malformed", wrong)]
      : []),
    ...[...troubles].map(([about, message]) => condition(troubleConditions[about], "Failed", [message])),
  ];
}

function condition(type: string, reason: string, messages: readonly string[]): ConditionState {
  return { type, status: "True", reason, message: cut(messages.join("; "), longestMessage) };
}

/**
 * Why nobody hears of addresses from this node: of those of which it is a named announcer, and of those that it is to tell and
 * whose family it tells no established peer.
 */
export function bgpRefusals(
  { unheard, peers }: Pick<NodeRoutes, "unheard" | "peers">,
  vips: readonly RoutedVip[],
  node: string,
  silences: SilencesByPeer,
): readonly NodeRefusal[] {
  const named = new Set(
    vips.filter(({ announcers }) => announcers?.includes(node) === true).map(({ address }) => addressKey(address)),
  );
  return [...unheard.filter(({ address }) => named.has(addressKey(address))), ...untold(peers, silences)];
}

/** The addresses of which every established peer that is to hear of them is told nothing, sorted. */
function untold(peers: readonly PeerRoutes[], silences: SilencesByPeer): readonly NodeRefusal[] {
  if (![...silences.values()].some(({ size }) => size > 0)) return [];
  const refusals = new Map<string, NodeRefusal>();
  const said = new Set<string>();
  for (const { peer, routes } of peers.filter(({ peer: { name } }) => silences.has(name)))
    for (const address of routes.flatMap(({ addresses }) => addresses)) {
      const why = silences.get(peer.name)?.get(address.family);
      const message = `${peer.name}: ${why}`;
      if (why === undefined) said.add(addressKey(address));
      else refusals.set(addressKey(address), { address, reason: "FamilyNotTold", message });
    }
  const left = [...refusals].flatMap(([key, refusal]) => (said.has(key) ? [] : [refusal]));
  return left.sort((a, b) => compareAddresses(a.address, b.address));
}
