import type { Advertisement, AdvertisementObject } from "../../api/vip-advertisement.ts";
import type { Group, GroupObject } from "../../api/vip-group.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import type { Reflector } from "../../kube/reflector.ts";
import type { KubeObject } from "../../kube/resource.ts";
import { parsedList } from "../followed.ts";
import type { ClusterView } from "../ports.ts";
import { briefCall, GROUPS } from "./resources.ts";

/** What is followed of the addresses and groups. */
export type Followed = {
  readonly advertisements: Reflector<Advertisement | undefined, AdvertisementObject & KubeObject>;
  readonly groups: Reflector<Group | undefined, GroupObject & KubeObject>;
};

/** Fits it to the agent; `synced`: whether the first lists are all in. */
export function clusterView(
  { advertisements, groups }: Followed,
  synced: () => boolean,
  client: ApiClient,
): ClusterView {
  const known = { advertisements: parsedList(advertisements.store), groups: parsedList(groups.store) };
  return {
    synced,
    ...known,
    readGroup: async (name) => {
      try {
        groups.store.observe(await client.get(GROUPS, { name }, briefCall));
      } catch {
        // The watch tells it too, and whoever wants to know asks again.
      }
    },
  };
}
