import { peerStatusObject } from "../../api/bgp-peer.ts";
import { poolStatusObject } from "../../api/ip-pool.ts";
import { heraldApiVersion } from "../../api/object-meta.ts";
import { advertisementObject, advertisementStatusObject } from "../../api/vip-advertisement.ts";
import { groupObject } from "../../api/vip-group.ts";
import { vipNodeObject } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { apiVersion } from "../../kube/resource.ts";
import { LEASES } from "../../kube/resources.ts";
import type { ClusterWrites } from "../ports.ts";
import { witnessObject } from "../witness-lease.ts";
import type { Followed } from "./follow.ts";
import { writer } from "./object-writer.ts";
import { ADVERTISEMENTS, GROUPS, PEERS, POOLS, SERVICES, VIP_NODES } from "./resources.ts";
import { serviceFieldsObject, serviceStatusObject } from "./service-object.ts";

/** The writes that the controller asks of a cluster, each into the store that it was planned from. */
export function clusterWrites(client: ApiClient, stores: Followed, events: EventRecorder): ClusterWrites {
  const services = writer(client, SERVICES, stores.services.store);
  const advertisements = writer(client, ADVERTISEMENTS, stores.advertisements.store);
  const vipNodes = writer(client, VIP_NODES, stores.vipNodes.store);
  const peers = writer(client, PEERS, stores.peers.store);
  const pools = writer(client, POOLS, stores.pools.store);
  const status = { subresource: "status" } as const;
  return {
    createAdvertisement: (spec) => advertisements.create(advertisementObject(spec)),
    replaceAdvertisement: (seen, spec) => advertisements.replace(advertisementObject(spec, seen)),
    writeAdvertisementStatus: ({ name, uid, resourceVersion }, after) =>
      advertisements.replaceStatus({
        metadata: { name, uid, resourceVersion },
        status: advertisementStatusObject(after),
      }),
    deleteAdvertisement: (seen) => advertisements.delete(seen),
    seenAdvertisement: (name) => stores.advertisements.store.get(name),
    patchServiceFields: (service, fields) =>
      services.patch(service, () => client.mergePatch(SERVICES, service, serviceFieldsObject(service, fields))),
    patchServiceStatus: (service, patch) =>
      services.patch(service, () =>
        client.strategicMergePatch(SERVICES, service, serviceStatusObject(service, patch), status),
      ),
    readAdvertisement: (name) => advertisements.read({ name }),
    readService: (namespace, name) => services.read({ namespace, name }),
    writePoolStatus: ({ name, uid, resourceVersion }, after) =>
      pools.replaceStatus({ metadata: { name, uid, resourceVersion }, status: poolStatusObject(after) }),
    writePeerStatus: ({ name, uid, resourceVersion }, after) =>
      peers.replaceStatus({ metadata: { name, uid, resourceVersion }, status: peerStatusObject(after) }),
    ...groupWrites(client, stores),
    createVipNode: (node) => vipNodes.create(vipNodeObject(node)),
    deleteVipNode: (seen) => vipNodes.delete(seen),
    publish: ({ object, ...notice }) =>
      events.record({
        ...notice,
        regarding: { ...object, apiVersion: object.kind === "Service" ? apiVersion(SERVICES) : heraldApiVersion },
      }),
  };
}

type GroupWrites = Pick<
  ClusterWrites,
  "createGroup" | "replaceGroup" | "deleteGroup" | "writeWitness" | "deleteWitness"
>;

function groupWrites(client: ApiClient, stores: Followed): GroupWrites {
  const groups = writer(client, GROUPS, stores.groups.store);
  const leases = writer(client, LEASES, stores.leases.store);
  const { namespace } = stores.leases;
  return {
    createGroup: (group) => groups.create(groupObject(group)),
    replaceGroup: (seen, group) => groups.replace(groupObject(group, seen)),
    deleteGroup: (seen) => groups.delete(seen),
    writeWitness: ({ group, members }, seen) => {
      if (seen === undefined) return leases.create(witnessObject(group, members, namespace));
      const { name, uid, resourceVersion } = seen;
      const { annotations } = witnessObject(group, members, namespace).metadata;
      const change = { metadata: { uid, resourceVersion, annotations } };
      return leases.patch({ name, namespace }, () => client.mergePatch(LEASES, { name, namespace }, change));
    },
    deleteWitness: (seen) => leases.delete(seen, namespace),
  };
}
