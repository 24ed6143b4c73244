import { formatAddress } from "../net/address.ts";
import { type PeerRemote, type PeerSettings, parsePeerSettings } from "./bgp-peer-settings.ts";
import type { Condition } from "./condition.ts";
import type { Spec, StatusObject } from "./generated/bgppeer-v1beta1.ts";
import type { Labels } from "./label-selector.ts";
import { identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed, Problem } from "./problem.ts";

/** The namespace in which the Secrets with passwords are, and no other. */
export const peerSecretNamespace = "herald-bgp";

/** The key of such a Secret that holds the password. */
export const peerSecretKey = "password";

/** Why a session waits for its password: a condition, and the word with which its message begins. */
export const secretMissing = "SecretMissing";

/** The message of a session that waits for its password, for this reason. */
export function secretMissingMessage(why: string): string {
  return `${secretMissing}: ${why}`;
}

/** Why a session waits for its password, or undefined if its message says something else. */
export function secretAwaited(message: string): string | undefined {
  const start = secretMissingMessage("");
  return message.startsWith(start) ? message.slice(start.length) : undefined;
}

/** A BGPPeer as the planners see it: a router, and how the selected nodes talk to it. */
export type BgpPeer = PeerSettings & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** What pools select it by. */
  readonly labels: Labels;
  readonly status: PeerStatus;
};

/** How far a session is (RFC 4271, section 8.2.2), as long as it is not established. */
export type DownState = "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm";

/** A selected node whose session is not established. */
export type DownSession = {
  readonly node: string;
  readonly state: DownState;
  readonly message: string;
  /** The last NOTIFICATION in words, and who sent it. */
  readonly lastNotification?: string;
  /** RFC 3339 */
  readonly since?: string;
};

/** What the controller last wrote about a peer. */
export type PeerStatus = {
  readonly observedGeneration?: number;
  readonly established?: number;
  readonly wanted?: number;
  /** By name, at most 64. */
  readonly down: readonly DownSession[];
  readonly conditions: readonly Condition[];
};

/** A BGPPeer as the API server has it. */
export type PeerObject = { readonly metadata: ObjectMeta; readonly spec: Spec; readonly status?: StatusObject };

/** The peer that an object describes, or everything that is wrong with it. */
export function parsePeer({ metadata, spec, status }: PeerObject): Parsed<BgpPeer> {
  const parsed = parsePeerSettings(spec, "spec");
  if ("problems" in parsed) return parsed;
  const value: BgpPeer = {
    ...identity(metadata),
    generation: metadata.generation ?? 0,
    labels: metadata.labels ?? {},
    ...parsed.settings,
    status: parsePeerStatus(status),
  };
  return { value, warnings: oddities(value) };
}

/** What a person hardly meant, though it harms nobody. */
function oddities({ holdTimeSeconds, bfd, routerId, nodeSelector }: BgpPeer): readonly Problem[] {
  const unnoticed = holdTimeSeconds === 0 && bfd === undefined;
  return [
    ...(unnoticed
      ? [{ path: "spec.holdTime", message: "0s without bfd: a router that is lost is never noticed" }]
      : []),
    ...(routerId !== undefined && nodeSelector === undefined
      ? [{ path: "spec.routerId", message: "is that of every node, which a router of the nodes' own AS refuses" }]
      : []),
  ];
}

/** Where a router is, for people and keys: `192.0.2.1`, or the interface's name. */
export function formatRemote(remote: PeerRemote): string {
  return remote.kind === "address" ? formatAddress(remote.address) : remote.interface;
}

/** Whether routes to it stay in the nodes' own AS: it is told LOCAL_PREF and the AS path is left as it is. */
export function isInternal({ asn, localAsn }: Pick<PeerSettings, "asn" | "localAsn">): boolean {
  return asn === localAsn;
}

/** What the controller last wrote about a peer, whether the peer itself can be read or not. */
export function parsePeerStatus({ summary: _, down = [], conditions = [], ...rest }: StatusObject = {}): PeerStatus {
  return { ...rest, down, conditions };
}

/** As many of `status.down` as the schema takes. */
export const mostDown = 64;

/** As long as the schema takes the text of a NOTIFICATION. */
export const longestNotification = 512;

/** The `status` of a BGPPeer to write, with both counts in one text for a column. */
export function peerStatusObject({
  observedGeneration,
  established,
  wanted,
  down,
  conditions,
}: PeerStatus): StatusObject {
  const counted = established !== undefined && wanted !== undefined;
  return {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(counted && { established, wanted, summary: `${established}/${wanted}` }),
    down: [...down],
    conditions: [...conditions],
  };
}
