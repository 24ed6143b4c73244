import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { ApiClient } from "../../../src/kube/api-client.ts";
import { ApiError } from "../../../src/kube/api-error.ts";
import type { KubeObject, Live, Resource } from "../../../src/kube/resource.ts";
import { heraldResource, SERVICES } from "../../../src/kube/resources.ts";
import { objectName, parseAddress } from "../../../src/net/address.ts";
import type { Backend } from "./backend.ts";

/** Any object, as the suites look at it. */
export type Any = KubeObject & {
  readonly metadata?: KubeObject["metadata"] & {
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: { readonly [field: string]: unknown };
  readonly status?: { readonly [field: string]: unknown };
};

/** The ledger. */
export const VIPS: Resource<Any> = heraldResource<Any>("vipadvertisements", "VIPAdvertisement");

/** Services, as loosely. */
export const ANY_SERVICES = SERVICES as Resource as Resource<Any>;

/** What the tests of a suite find: a client of Herald's controller and one of a user. */
export type Stage = { controller: ApiClient; user: ApiClient };

/** A suite of tests that run against one backend. */
export function onBackend(
  title: string,
  open: () => Promise<Backend>,
  tests: readonly ((stage: Stage) => void)[],
): void {
  describe(title, () => {
    const stage = {} as Stage;
    let backend: Backend | undefined;
    before(async () => {
      backend = await open();
      stage.controller = new ApiClient(backend.controller);
      stage.user = new ApiClient(backend.user);
    });
    after(() => backend?.close());
    for (const test of tests) test(stage);
  });
}

/** The advertisement of an address with these members. */
export function vip(address: string, services: readonly object[] = []): Any {
  const parsed = parseAddress(address);
  assert.ok(parsed);
  return { metadata: { name: objectName(parsed) }, spec: { address, pool: "public", services } };
}

/** A member of an address. */
export const member = { namespace: "default", name: "web", uid: "00000000-0000-4000-8000-00000000abcd" };

/** A Service of the namespace default. */
export function service(name: string, spec: object = {}): Any {
  const ports = [{ name: "http", protocol: "TCP", port: 80 }];
  return { metadata: { name, namespace: "default" }, spec: { type: "LoadBalancer", ports, ...spec } };
}

/** Fails unless the server said no with this status. */
export async function refused(call: Promise<unknown>, status: number, reason?: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, status, error.message);
    if (reason !== undefined) assert.equal(error.reason, reason);
    return true;
  });
}

/** The resourceVersion, as the number that it is. */
export function versionOf({ metadata }: Live<Any>): number {
  return Number(metadata.resourceVersion);
}
