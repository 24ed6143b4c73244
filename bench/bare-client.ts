import { readFileSync } from "node:fs";
import {
  type Access,
  type ApiClient,
  type KubeObject,
  openApiClient,
  type WatchEvent,
} from "../test/lab/api-client.ts";
import {
  bareAddress,
  claimObject,
  claimStatusObject,
  claimsPath,
  fieldsPatch,
  type ServiceObject,
  type ServiceWish,
  serviceObject,
  servicesPath,
  statusPatch,
} from "./objects.ts";

const strategic = "application/strategic-merge-patch+json";

/** Milliseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC). */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

type Config = {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority": string } },
  ];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
};

/** A client for a kubeconfig of the lab: no retries, as many connections as calls at the same time. */
export function openKubeconfig(file: string): ApiClient {
  const { clusters, users } = JSON.parse(readFileSync(file, "utf8")) as Config;
  const { server, "certificate-authority": caFile } = clusters[0].cluster;
  const access: Access = { url: server, caFile, token: users[0].user.token };
  return openApiClient(access);
}

/** Makes a Service. */
export function createService(user: ApiClient, wish: ServiceWish): Promise<ServiceObject> {
  return user.call<ServiceObject>("POST", servicesPath, serviceObject(wish));
}

/** Makes a Service and writes its status once: the least that any load balancer does. */
export async function createAndPatch(user: ApiClient, wish: ServiceWish, i: number): Promise<void> {
  const service = await createService(user, wish);
  const path = `${servicesPath}/${wish.name}/status`;
  await user.call("PATCH", path, statusPatch(bareAddress(i), service), strategic);
}

/** The writes that Herald's controller makes for a Service, one after another: claim, fields, status, with `holder` the claim's status. */
export async function serveByHand(
  writer: ApiClient,
  service: ServiceObject,
  i: number,
  options: { readonly claimStatus: boolean },
): Promise<void> {
  const address = bareAddress(i);
  const { name } = service.metadata;
  const claim = await writer.call<KubeObject>("POST", claimsPath, claimObject(address, service));
  const named = await writer.call<KubeObject>("PATCH", `${servicesPath}/${name}`, fieldsPatch(address, service));
  await writer.call("PATCH", `${servicesPath}/${name}/status`, statusPatch(address, named), strategic);
  if (!options.claimStatus) return;
  await writer.call("PUT", `${claimsPath}/${claim.metadata.name}/status`, claimStatusObject(claim, name));
}

/** Removes all Services of the bench; their claims are Herald's to remove. */
export async function removeServices(user: ApiClient): Promise<void> {
  await user.call("DELETE", `${servicesPath}?labelSelector=bench%3Dtrue`);
}

/** When each Service was first seen, and when first with an address, by name; on the clock of `nowMs`. */
export type Sightings = {
  readonly seenMs: ReadonlyMap<string, number>;
  readonly servedMs: ReadonlyMap<string, number>;
  /** Resolves with the time at which that many were seen with an address. @throws {Error} if that takes longer than `withinMs` */
  served(count: number, withinMs: number): Promise<number>;
  /** Resolves with the time at which this one was seen, with an address or at all. */
  sight(name: string, what: "seen" | "served"): Promise<number>;
  /** The first address in its status; empty: none yet. */
  address(name: string): string;
  close(): void;
};

/** Watches the Services of the bench; resolves once those that are there have been seen. */
export async function watchServices(user: ApiClient): Promise<Sightings> {
  const stop = new AbortController();
  const sightings = new ServiceSightings(stop);
  const { promise: listed, resolve } = Promise.withResolvers<void>();
  const sink = {
    onList: (items: readonly ServiceObject[]) => {
      for (const item of items) sightings.note(item);
      resolve();
    },
    onEvent: ({ type, object }: WatchEvent<ServiceObject>) => {
      if (type !== "DELETED") sightings.note(object);
    },
  };
  void user.follow(servicesPath, sink, stop.signal);
  await listed;
  return sightings;
}

const sightMs = 60_000;

class ServiceSightings implements Sightings {
  readonly seenMs = new Map<string, number>();
  readonly servedMs = new Map<string, number>();
  readonly #addresses = new Map<string, string>();
  readonly #waiting = new Set<() => void>();
  readonly #stop: AbortController;

  constructor(stop: AbortController) {
    this.#stop = stop;
  }

  note({ metadata: { name, labels = {} }, status }: ServiceObject): void {
    if (!("bench" in labels)) return;
    const now = nowMs();
    const address = status.loadBalancer?.ingress?.[0]?.ip;
    if (!this.seenMs.has(name)) this.seenMs.set(name, now);
    if (address !== undefined && !this.servedMs.has(name)) this.servedMs.set(name, now);
    if (address !== undefined) this.#addresses.set(name, address);
    for (const check of this.#waiting) check();
  }

  served(count: number, withinMs: number): Promise<number> {
    const last = (): number | undefined =>
      this.servedMs.size >= count ? Math.max(...this.servedMs.values()) : undefined;
    return this.#until(`${count} Services with an address`, last, withinMs);
  }

  sight(name: string, what: "seen" | "served"): Promise<number> {
    return this.#until(`${name} ${what}`, () => (what === "seen" ? this.seenMs : this.servedMs).get(name), sightMs);
  }

  address(name: string): string {
    return this.#addresses.get(name) ?? "";
  }

  close(): void {
    this.#stop.abort();
  }

  #until(what: string, ask: () => number | undefined, withinMs: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const check = (): void => {
      const answer = ask();
      if (answer !== undefined) resolve(answer);
    };
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
    this.#waiting.add(check);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(check);
    });
  }
}

/** Does something for each number from 0 on, so many at the same time. */
export async function eachOf(count: number, workers: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, i) => i).values();
  const worker = async (): Promise<void> => {
    for (const i of numbers) await work(i);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
