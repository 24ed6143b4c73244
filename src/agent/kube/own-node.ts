import { type VipNode, type VipNodeObject, vipNodeStatusObject } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import { isConflict, isNotFound } from "../../kube/api-error.ts";
import type { Reflector } from "../../kube/reflector.ts";
import type { KubeObject } from "../../kube/resource.ts";
import type { OwnNode } from "../ports.ts";
import { VIP_NODES } from "./resources.ts";

/** The VIPNode of this name, as it is followed, and the writer of its status. */
export function ownNode(
  { store }: Reflector<VipNode, VipNodeObject & KubeObject>,
  client: ApiClient,
  name: string,
): OwnNode {
  return {
    read: () => store.get(name),
    write: async ({ uid, resourceVersion }, status) => {
      const object = { metadata: { name, uid, resourceVersion }, status: vipNodeStatusObject(status) };
      try {
        store.observe(await client.replace(VIP_NODES, object, { subresource: "status" }));
        return "written";
      } catch (cause) {
        if (isConflict(cause) || isNotFound(cause)) return "stale";
        throw new Error(`write status of vipnode ${name}`, { cause });
      }
    },
  };
}
