import { type PeerObject, parsePeer } from "../api/bgp-peer.ts";
import type { NodeObject } from "../api/node.ts";
import {
  type Advertisement,
  type AdvertisementObject,
  advertisementObject,
  advertisementStatusObject,
  parseAdvertisement,
} from "../api/vip-advertisement.ts";
import { type Group, type GroupObject, groupObject, parseGroup } from "../api/vip-group.ts";
import { knownNode } from "./bgp-known-node.ts";
import type { BgpKnown } from "./bgp-ports.ts";
import { endpointText } from "./endpoint-text.ts";
import type { Endpoint } from "./ports.ts";

/** What an agent needs of the API server to go on announcing: kept, so that it can start while the API server is away. */
export type KeptView = {
  readonly drain: boolean;
  readonly groups: readonly Group[];
  /** Those of these groups, and those that are announced by BGP. */
  readonly advertisements: readonly Advertisement[];
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Absent: nothing of BGP was known. */
  readonly bgp?: BgpKnown;
};

/** Of the object; another is not read. */
const formatVersion = 1;

/** The view as JSON. */
export type KeptObject = {
  readonly version: number;
  readonly drain: boolean;
  readonly groups: readonly GroupObject[];
  readonly advertisements: readonly AdvertisementObject[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly bgp?: KeptBgp;
};

/** The passwords are in it, by Secret and in the Node's annotations: it is for root alone. */
type KeptBgp = {
  readonly node: NodeObject;
  readonly peers: readonly PeerObject[];
  readonly passwords: Readonly<Record<string, string>>;
};

/** The view as it is stored. */
export function keptObject({ drain, groups, advertisements, endpoints, bgp }: KeptView): KeptObject {
  return {
    version: formatVersion,
    drain,
    groups: groups.map((group) => {
      const { metadata, spec } = groupObject(group, group);
      return { metadata: { ...metadata, generation: group.epoch }, spec };
    }),
    advertisements: advertisements.map((each) => {
      const { metadata, spec } = advertisementObject(each, each);
      const status = advertisementStatusObject(each.status);
      return { metadata: { ...metadata, generation: each.generation }, spec, status };
    }),
    endpoints: Object.fromEntries([...endpoints].map(([node, endpoint]) => [node, endpointText(endpoint)])),
    ...(bgp && { bgp: keptBgp(bgp) }),
  };
}

function keptBgp({ node, peers, passwords }: BgpKnown): KeptBgp {
  return { node: node.object, peers: peers.map(({ object }) => object), passwords: Object.fromEntries(passwords) };
}

function parseKeptBgp({ node, peers, passwords }: KeptBgp): BgpKnown {
  return {
    node: knownNode(node),
    peers: peers.flatMap((object) => parsedValue(parsePeer(object)).map((peer) => ({ peer, object }))),
    passwords: new Map(Object.entries(passwords)),
  };
}

/** The view that was stored so, or undefined if it is none; what does not parse is left out. */
export function parseKeptView(
  stored: unknown,
  parseEndpoint: (text: string) => Endpoint | undefined,
): KeptView | undefined {
  const kept = stored as KeptObject | undefined;
  if (kept?.version !== formatVersion) return undefined;
  return {
    drain: kept.drain,
    groups: kept.groups.flatMap((object) => parsedValue(parseGroup(object))),
    advertisements: kept.advertisements.flatMap((object) => parsedValue(parseAdvertisement(object))),
    endpoints: new Map(
      Object.entries(kept.endpoints).flatMap(([node, each]) => {
        const endpoint = parseEndpoint(each);
        return endpoint === undefined ? [] : [[node, endpoint] as const];
      }),
    ),
    ...(kept.bgp && { bgp: parseKeptBgp(kept.bgp) }),
  };
}

function parsedValue<T>(result: { readonly value: T } | { readonly problems: unknown }): readonly T[] {
  return "value" in result ? [result.value] : [];
}
