import { type PeerObject, peerSecretNamespace } from "../../api/bgp-peer.ts";
import type { AdvertisementObject } from "../../api/vip-advertisement.ts";
import type { GroupObject } from "../../api/vip-group.ts";
import type { VipNodeObject } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import type { KubeObject, Resource } from "../../kube/resource.ts";
import { heraldResource } from "../../kube/resources.ts";
import type { SecretObject } from "../bgp-password-answer.ts";

/** What an agent reads of Herald's API and of the core's. */
export const ADVERTISEMENTS = heraldResource<AdvertisementObject & KubeObject>("vipadvertisements", "VIPAdvertisement");
export const GROUPS = heraldResource<GroupObject & KubeObject>("vipgroups", "VIPGroup");
export const VIP_NODES = heraldResource<VipNodeObject & KubeObject>("vipnodes", "VIPNode");
export const PEERS = heraldResource<PeerObject & KubeObject>("bgppeers", "BGPPeer");

const core = { group: "", version: "v1", namespaced: true };
const SECRETS: Resource<SecretObject & KubeObject> = { ...core, plural: "secrets", kind: "Secret" };

/** A call for the sake of what a watch or a second attempt gives too. */
export const briefCall = { retries: 0, timeoutMs: 2_000 };

/** Reads the Secret of this name in the namespace of BGP's passwords. @throws {Error} if there is none, or no decisive answer */
export function readSecret(client: ApiClient, name: string): Promise<SecretObject> {
  return client.get(SECRETS, { namespace: peerSecretNamespace, name }, briefCall);
}
