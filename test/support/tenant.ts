import { type ApiClient, openApiClient } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "./controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "./controller-cluster.ts";
import { type ClusterObjects, ingressOf, objectsOf } from "./controller-objects.ts";

/** The administrator of a namespace. */
export type Tenant = { readonly objects: ClusterObjects; readonly api: ApiClient };

/** What another tenant's Service has. */
export const victim = "192.0.2.1";
const sharer = "192.0.2.2";
const sharingKey = { "herald.dev/sharing-key": "k" };

const rbac = "/apis/rbac.authorization.k8s.io/v1";

/**
 * Makes a namespace and its administrator, who may do everything with its Services. He may write their status too: the
 * roles of Kubernetes do not allow that, those of some clusters do.
 */
export async function createTenant(plane: ControlPlane, namespace: string): Promise<Tenant> {
  const { api } = plane;
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "admin" };
  const rules = [{ apiGroups: [""], resources: ["services", "services/status"], verbs: ["*"] }];
  const subjects = [{ kind: "ServiceAccount", namespace, name: "admin" }];
  const metadata = { name: "admin", namespace };
  await objectsOf(plane).createNamespace(namespace);
  await api.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata });
  await api.call("POST", `${rbac}/namespaces/${namespace}/roles`, { metadata, rules });
  await api.call("POST", `${rbac}/namespaces/${namespace}/rolebindings`, { metadata, roleRef, subjects });
  const own = openApiClient(await plane.access(`system:serviceaccount:${namespace}:admin`));
  return { api: own, objects: objectsOf({ ...plane, api: own }) };
}

/** What a tenant must not have, and the reason and the words by which it is refused. */
export type Forbidden = {
  readonly what: string;
  readonly address: string;
  readonly reason: string;
  /** What the message says besides the address. */
  readonly word: RegExp;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** One of each kind, as it is in the cluster of `startTenancy`. */
export const forbidden: readonly Forbidden[] = [
  { what: "the LAN's gateway", address: "192.168.50.1", reason: "AddressForbidden", word: /a gateway of node node1/ },
  { what: "a node's address", address: "192.168.50.11", reason: "AddressForbidden", word: /the address of node node1/ },
  { what: "a node's IPv6 address", address: "2001:db8:50::11", reason: "AddressForbidden", word: /of node node1/ },
  { what: "the LAN's broadcast address", address: "192.168.50.255", reason: "AddressForbidden", word: /broadcast/ },
  {
    what: "a cluster IP",
    address: "10.96.0.77",
    reason: "AddressForbidden",
    word: /in the Service network 10\.96\.0\.0\/16/,
  },
  {
    what: "the DNS Service's address",
    address: "10.96.0.10",
    reason: "AddressForbidden",
    word: /in the Service network/,
  },
  {
    what: "the API server's cluster IP",
    address: "10.96.0.1",
    reason: "AddressForbidden",
    word: /API server|Service network/,
  },
  {
    what: "an API server's address",
    address: "172.30.0.1",
    reason: "AddressForbidden",
    word: /the address of an API server/,
  },
  { what: "loopback", address: "127.0.0.1", reason: "AddressForbidden", word: /loopback/ },
  { what: "a multicast group", address: "224.0.0.251", reason: "AddressForbidden", word: /multicast/ },
  { what: "another tenant's address", address: victim, reason: "AddressTaken", word: /belongs to other\/victim/ },
  {
    what: "a part in an address that another tenant shares with his own namespace only",
    address: sharer,
    reason: "SharingRefused",
    word: /other\/sharer/,
    annotations: { ...sharingKey, "herald.dev/share-with-namespaces": "*" },
  },
  { what: "a reserved address", address: "192.0.2.5", reason: "AddressReserved", word: /reserved for other\/db/ },
  {
    what: "a remembered address",
    address: "192.0.2.6",
    reason: "AddressRemembered",
    word: /remembered for other\/leaver/,
  },
  {
    what: "a free address of a pool that does not select him",
    address: "198.51.100.9",
    reason: "NamespaceNotSelected",
    word: /pool others does not select namespace tenant/,
  },
  {
    what: "an address outside every pool",
    address: "203.0.113.9",
    reason: "AddressOutsidePools",
    word: /is in no pool/,
  },
];

/** A cluster with tenants: `tenant`, who has a client, and `other`, whose Services have what `tenant` must not get. */
export type Tenancy = {
  readonly plane: ControlPlane;
  readonly cluster: ClusterObjects;
  readonly controller: RunningController;
  readonly agent: FakeAgent;
  readonly tenant: Tenant;
  /** Who holds which address: `192.0.2.1 other/victim`. */
  ledger(): Promise<readonly string[]>;
};

/** Pools that give to the tenant cover all that he must not have, so that it is not for lack of a pool that he is refused. */
const pools: readonly (readonly [name: string, addresses: readonly string[], spec: object])[] = [
  ["lan", ["192.168.50.0/24", "2001:db8:50::/120"], { automatic: false }],
  ["inner", ["10.96.0.0/24", "172.30.0.0/24"], { automatic: false }],
  ["public", ["192.0.2.0/26"], { reservations: [{ address: "192.0.2.5", namespace: "other", name: "db" }] }],
  ["others", ["198.51.100.0/28"], { services: { namespaces: ["other"] } }],
];

/** Starts it, with an agent on the node `node1` and everything in place that `forbidden` names. */
export async function startTenancy(): Promise<Tenancy> {
  const plane = await startHeraldCluster();
  const cluster = objectsOf(plane);
  const controller = await startController(plane);
  const agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  await createApiServerEndpoint(plane, "172.30.0.1");
  await cluster.createNamespace("other");
  const tenant = await createTenant(plane, "tenant");
  for (const [name, addresses, spec] of pools) await cluster.createPool(name, addresses, spec);
  await createOthers(cluster);
  const ledger = async (): Promise<readonly string[]> => {
    const all = await cluster.advertisements();
    const holders = (each: (typeof all)[number]) =>
      each.spec.services.map(({ namespace, name }) => `${namespace}/${name}`);
    return all.map((each) => `${each.spec.address} ${holders(each)}`).sort();
  };
  return { plane, cluster, controller, agent, tenant, ledger };
}

async function createOthers(cluster: ClusterObjects): Promise<void> {
  await cluster.createService("kube-system/kube-dns", { type: "ClusterIP", clusterIP: "10.96.0.10" });
  await cluster.createService("other/victim", { loadBalancerIP: victim });
  await cluster.createService("other/sharer", { loadBalancerIP: sharer }, sharingKey);
  await cluster.createService("other/leaver", { loadBalancerIP: "192.0.2.6" });
  for (const name of ["victim", "sharer", "leaver"])
    await cluster.serviceIs(`other/${name}`, "is served", (each) => ingressOf(each).length > 0);
  await cluster.deleteService("other/leaver");
  await cluster.released("other/leaver");
}

function createApiServerEndpoint(plane: ControlPlane, address: string): Promise<unknown> {
  const labels = { "kubernetes.io/service-name": "kubernetes" };
  return plane.api.call("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
    metadata: { name: "kubernetes-test", labels },
    addressType: "IPv4",
    endpoints: [{ addresses: [address] }],
    ports: [],
  });
}
