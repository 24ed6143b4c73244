import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, describe } from "node:test";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { ApiClient, type RequestRecord } from "../../../src/kube/api-client.ts";
import type { Clock } from "../../../src/kube/clock.ts";
import { type Connection, connectTo } from "../../../src/kube/connection.ts";
import { Reflector, type ReflectorOptions } from "../../../src/kube/reflector.ts";
import type { Json, Live, Resource } from "../../../src/kube/resource.ts";
import { type FaultProxy, startFaultProxy, type Upstream } from "./fault-proxy.ts";

/** An API server that the suites run against. */
export type Backend = {
  readonly upstream: Upstream;
  /** Takes the server down, runs `meanwhile`, and brings it up with its data. */
  outage(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

/** The kind that the suites write. */
export type ConfigMap = Json<V1ConfigMap>;
export const CONFIG_MAPS: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

/** A clock on which ten times as much happens: back-offs and silences end sooner, their proportions stay. */
export const HASTE = 10;
export const hastyClock: Clock = {
  now: () => performance.now() * HASTE,
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms / HASTE);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", end, { once: true });
    }),
};

/** A client and reflectors behind a proxy that does harm, in a namespace's worth of names of their own. */
export class Subject {
  readonly proxy: FaultProxy;
  readonly client: ApiClient;
  /** Writes past the proxy. */
  readonly direct: ApiClient;
  readonly records: RequestRecord[] = [];
  readonly label = `run-${randomUUID()}`;
  readonly #connections: readonly Connection[];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  private constructor(proxy: FaultProxy, through: Connection, direct: Connection) {
    this.proxy = proxy;
    this.#connections = [through, direct];
    this.client = new ApiClient(through, { clock: hastyClock, onRequest: (record) => this.records.push(record) });
    this.direct = new ApiClient(direct);
  }

  static async open(backend: Backend): Promise<Subject> {
    const proxy = await startFaultProxy(backend.upstream);
    const direct = await startFaultProxy(backend.upstream);
    const subject = new Subject(proxy, await plain(proxy.url), await plain(direct.url));
    subject.#direct = direct;
    return subject;
  }
  #direct: FaultProxy | undefined;

  /** A synced reflector of this subject's ConfigMaps whose values are the data. */
  async reflect(options: Partial<ReflectorOptions<Kept, ConfigMap>> = {}): Promise<Reflector<Kept, ConfigMap>> {
    const reflector = this.reflector(options);
    await reflector.synced(AbortSignal.timeout(20_000));
    return reflector;
  }

  /** The same, not yet synced. */
  reflector(options: Partial<ReflectorOptions<Kept, ConfigMap>> = {}): Reflector<Kept, ConfigMap> {
    const reflector = new Reflector<Kept, ConfigMap>(this.client, {
      resource: CONFIG_MAPS,
      namespace: "default",
      labelSelector: `run=${this.label}`,
      project: kept,
      clock: hastyClock,
      ...options,
    });
    this.#running.push(reflector.run(this.#stop.signal));
    return reflector;
  }

  /** A ConfigMap of this subject. */
  map(name: string, data: Record<string, string> = {}): ConfigMap {
    return { metadata: { name: `${this.label}-${name}`, namespace: "default", labels: { run: this.label } }, data };
  }

  /** As many as asked for, m0 to m(count-1), made past the proxy. */
  async fill(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await this.direct.create(CONFIG_MAPS, this.map(`m${i}`, { value: `${i}` }));
  }

  /** Where a ConfigMap of this subject is. */
  ref(name: string): { namespace: string; name: string } {
    return { namespace: "default", name: `${this.label}-${name}` };
  }

  /** Its key in a store. */
  key(name: string): string {
    return `default/${this.label}-${name}`;
  }

  /** Waits until the store equals a fresh list: same objects, same uids, same versions. */
  async settled(reflector: Reflector<Kept, ConfigMap>): Promise<void> {
    await eventually(async () => {
      const page = await this.direct.list(CONFIG_MAPS, { namespace: "default", labelSelector: `run=${this.label}` });
      const want = page.items.map((item) => kept(item)).sort(byName);
      assert.deepEqual([...reflector.store.values()].sort(byName), want);
    });
  }

  /** Stops the reflectors and waits for them. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.proxy.close();
    await this.#direct?.close();
  }
}

/** What the suites keep of a ConfigMap. */
export type Kept = { readonly name: string; readonly uid: string; readonly version: string; readonly data: object };

export function kept({ metadata, data }: Live<ConfigMap>): Kept {
  return { name: metadata.name, uid: metadata.uid, version: metadata.resourceVersion, data: data ?? {} };
}

const byName = (a: Kept, b: Kept): number => (a.name < b.name ? -1 : 1);

function plain(url: string): Promise<Connection> {
  return connectTo({
    server: url,
    namespace: undefined,
    load: async () => ({ insecure: false, headers: {} }),
  });
}

/** Tries until it holds; fails with the last error after 20 s. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  const endMs = performance.now() + 20_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** What a suite's tests find set up: one backend for all, a subject for each; `cleanups` run before it closes. */
export type Stage = { backend: Backend; subject: Subject; readonly cleanups: (() => Promise<void>)[] };

/** A suite of tests that run on a stage. */
export function onStage(title: string, openBackend: () => Promise<Backend>, tests: (stage: Stage) => void): void {
  describe(title, () => {
    const stage = { cleanups: [] as Stage["cleanups"] } as unknown as Stage;
    before(async () => {
      stage.backend = await openBackend();
    });
    beforeEach(async () => {
      stage.subject = await Subject.open(stage.backend);
    });
    afterEach(async () => {
      for (const cleanUp of stage.cleanups.splice(0)) await cleanUp();
      await stage.subject.close();
    });
    after(() => stage.backend.close());
    tests(stage);
  });
}
