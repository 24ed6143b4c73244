import {
  type Advertisement,
  type AdvertisementObject,
  advertisementObject,
  advertisementStatusObject,
  parseAdvertisement,
} from "../api/vip-advertisement.ts";
import { type Group, type GroupObject, groupObject, parseGroup } from "../api/vip-group.ts";
import { endpointText } from "./endpoint-text.ts";
import type { Endpoint } from "./ports.ts";

/** What an agent needs of the API server to go on announcing: kept, so that it can start while the API server is away. */
export type KeptView = {
  readonly drain: boolean;
  readonly groups: readonly Group[];
  /** Those of these groups. */
  readonly advertisements: readonly Advertisement[];
  readonly endpoints: ReadonlyMap<string, Endpoint>;
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
};

/** The view as it is stored. */
export function keptObject({ drain, groups, advertisements, endpoints }: KeptView): KeptObject {
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
  };
}

function parsedValue<T>(result: { readonly value: T } | { readonly problems: unknown }): readonly T[] {
  return "value" in result ? [result.value] : [];
}
