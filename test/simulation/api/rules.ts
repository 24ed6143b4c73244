import type { PoolObject as PoolManifest } from "../../../src/api/ip-pool.ts";
import { reviewPool } from "../../../src/api/pool-review.ts";
import { formatProblems } from "../../../src/api/problem.ts";
import type { ServiceObject as ServiceManifest } from "../../../src/api/service.ts";
import { reviewService } from "../../../src/api/service-review.ts";
import { formatAddress, objectName, parseAddress } from "../../../src/net/address.ts";
import type { ApiObject, LedgerObject, ServiceObject } from "./object.ts";
import { type ApiRefusal, invalid } from "./refusal.ts";
import type { Storage } from "./storage.ts";

/** A write that the server is asked for; without `after` a deletion, without `before` a creation. */
export type Write = {
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
  readonly by: string;
  readonly storage: Storage;
};

/** What the server makes of an object before it stores it, and why it may refuse to. */
export type Rules = {
  readonly prepared?: (after: ApiObject, before: ApiObject | undefined) => ApiObject;
  readonly refusal?: (write: Write) => ApiRefusal | undefined;
};

/** The accounts of Herald's own controllers begin so. */
export const controllerPrefix = "controller-";

/** The rules of each kind, by its plural. */
export const rules: Readonly<Record<string, Rules>> = {
  services: { prepared: preparedService, refusal: serviceRefusal },
  vipadvertisements: { refusal: ledgerRefusal },
  ippools: { refusal: poolRefusal },
};

const balanced = { type: "ClusterIP", ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };

/** As the registry of Services does it: defaults, and nothing is kept that the type does not have. */
function preparedService(after: ApiObject, before: ApiObject | undefined): ApiObject {
  const given = after as ServiceObject;
  const loadBalancer = given.spec?.type === "LoadBalancer";
  const { loadBalancerClass, externalTrafficPolicy = "Cluster", ...rest } = given.spec ?? {};
  const families = rest.ipFamilyPolicy !== undefined && rest.ipFamilyPolicy !== "SingleStack" && !rest.ipFamilies;
  const spec = {
    ...balanced,
    ...rest,
    ...(families ? { ipFamilies: ["IPv4", "IPv6"] } : {}),
    ...(loadBalancer ? { externalTrafficPolicy } : {}),
    ...(loadBalancer && loadBalancerClass !== undefined ? { loadBalancerClass } : {}),
  };
  const kept = loadBalancer || after.spec === before?.spec;
  const status = kept ? given.status : { ...given.status, loadBalancer: {} };
  return { ...given, spec, status: status ?? { loadBalancer: {} } };
}

function serviceRefusal({ before, after, by, storage }: Write): ApiRefusal | undefined {
  if (after === undefined) return undefined;
  const [was, is] = [before as ServiceObject | undefined, after as ServiceObject];
  const stays = was?.spec.type === "LoadBalancer" && is.spec.type === "LoadBalancer";
  if (stays && was.spec.loadBalancerClass !== is.spec.loadBalancerClass)
    return invalid("spec.loadBalancerClass: may not change once set");
  if (is.spec.type !== "LoadBalancer" && (is.status?.loadBalancer?.ingress ?? []).length > 0)
    return invalid('status.loadBalancer.ingress: may only be used when `spec.type` is "LoadBalancer"');
  if (by.startsWith(controllerPrefix)) return undefined;
  const { problems } = reviewService(after as ServiceManifest, new Set(storage.all("ippools").keys()));
  return problems.length === 0 ? undefined : invalid(formatProblems(problems));
}

function ledgerRefusal({ before, after, by }: Write): ApiRefusal | undefined {
  if (after === undefined) {
    const holders = (before as LedgerObject | undefined)?.spec.services ?? [];
    const names = holders.map(({ namespace, name }) => `${namespace}/${name}`);
    return names.length === 0 ? undefined : invalid(`the address belongs to ${names}: delete that Service`);
  }
  if (!by.startsWith(controllerPrefix)) return invalid("only Herald's controller writes vipadvertisements");
  const { address } = (after as LedgerObject).spec;
  const parsed = parseAddress(address);
  if (parsed === undefined || formatAddress(parsed) !== address) return invalid("spec.address: not canonical");
  if (objectName(parsed) !== after.metadata.name) return invalid("metadata.name: is not the address");
  const moved = before !== undefined && (before as LedgerObject).spec.address !== address;
  return moved ? invalid("spec.address: the address never changes") : undefined;
}

/** What the webhook answers; Herald's own writes are statuses, of which it is not asked. */
function poolRefusal({ before, after, by, storage }: Write): ApiRefusal | undefined {
  if (by.startsWith(controllerPrefix)) return undefined;
  if (after === undefined) return deletedPoolRefusal(before, storage);
  const pools = [...storage.all("ippools").values()] as unknown as readonly PoolManifest[];
  const surroundings = { before: before as PoolManifest | undefined, pools, networks: [] };
  const { problems } = reviewPool(after as unknown as PoolManifest, surroundings);
  return problems.length === 0 ? undefined : invalid(formatProblems(problems));
}

function deletedPoolRefusal(before: ApiObject | undefined, storage: Storage): ApiRefusal | undefined {
  if (before?.metadata.annotations?.["herald.dev/force"] === "true") return undefined;
  const ledger = [...(storage.all("vipadvertisements").values() as Iterable<LedgerObject>)];
  const held = ledger.filter(({ spec }) => spec.pool === before?.metadata.name && (spec.services ?? []).length > 0);
  return held.length === 0 ? undefined : invalid(`${held.length} addresses of the pool are held by Services`);
}
