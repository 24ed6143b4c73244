import { setTimeout as sleep } from "node:timers/promises";
import type { Spec as AdvertisementSpec } from "../../src/api/generated/vipadvertisement-v1beta1.ts";
import type { Spec as GroupSpec } from "../../src/api/generated/vipgroup-v1beta1.ts";
import type { ApiClient } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { eventually } from "./eventually.ts";

const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
const leaseSeconds = 3;
const everyMs = 100;

/** A VIPGroup as the API server has it. */
export type GroupObject = {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: GroupSpec;
};

type Advertisement = { readonly spec: AdvertisementSpec };

/** Agents that vote, as the API server sees them; all on one LAN, where those that live hear each other. */
export class VotingAgents {
  readonly #api: ApiClient;
  readonly #hosts = new Map<string, number>();
  readonly #dead = new Set<string>();
  readonly #stop = new AbortController();
  #ended: Promise<void> | undefined;

  constructor(plane: ControlPlane) {
    this.#api = plane.api;
  }

  /** Makes a Node with an agent on it. */
  async add(node: string): Promise<void> {
    await this.#api.call("POST", "/api/v1/nodes", { metadata: { name: node } });
    await eventually(`VIPNode ${node} is made`, () => this.#api.call("GET", `${herald}/vipnodes/${node}`));
    await this.#api.call("POST", leases, { metadata: { name: `herald-agent-${node}` }, spec: this.#leaseSpec(node) });
    this.#hosts.set(node, 11 + this.#hosts.size);
    this.#ended ??= this.#run();
  }

  /** It neither renews nor reports, and what it held another member holds. */
  die(node: string): void {
    this.#dead.add(node);
  }

  /** It lives again, and takes nothing back. */
  revive(node: string): void {
    this.#dead.delete(node);
  }

  /** The groups as they are. */
  async groups(): Promise<readonly GroupObject[]> {
    return (await this.#api.call<{ items: readonly GroupObject[] }>("GET", `${herald}/vipgroups`)).items;
  }

  /** The advertisements as they are. */
  async advertisements(): Promise<readonly Advertisement[]> {
    return (await this.#api.call<{ items: readonly Advertisement[] }>("GET", `${herald}/vipadvertisements`)).items;
  }

  /** Ends them all. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    for (; !this.#stop.signal.aborted; await sleep(everyMs)) await this.#round().catch(() => undefined);
  }

  async #round(): Promise<void> {
    const [groups, advertisements] = await Promise.all([this.groups(), this.advertisements()]);
    const living = [...this.#hosts.keys()].filter((node) => !this.#dead.has(node));
    const holder = ({ spec }: Advertisement): string | undefined => {
      const may = spec.candidates ?? groups.find(({ metadata }) => metadata.name === spec.group)?.spec.members ?? [];
      const able = may.filter((node) => living.includes(node));
      return able.find((node) => node === spec.node) ?? able[0];
    };
    for (const node of living) {
      const addresses = advertisements.filter((each) => holder(each) === node).map(({ spec }) => spec.address);
      const views = groups
        .filter(({ spec }) => spec.members.includes(node))
        .map(({ metadata: { name, generation: epoch }, spec }) => {
          const hears = spec.members.filter((each) => each !== node && living.includes(each));
          const quorum = 1 + hears.length + Number(spec.witness) > (spec.members.length + Number(spec.witness)) / 2;
          return { name, epoch, quorum, hears };
        });
      await this.#report(node, addresses, views);
    }
  }

  async #report(node: string, addresses: readonly string[], groups: readonly object[]): Promise<void> {
    const subnets = [`192.168.50.${this.#hosts.get(node)}/24`];
    const link = { name: "eth0", mac: "02:00:00:00:00:01", up: true, defaultRoute: true, subnets };
    const announcing = [{ protocol: "ARP", interface: "eth0", addresses }];
    const status = { interfaces: [link], gateways: [], announcing, refusing: [], groups, conditions: [] };
    await this.#api.call("PATCH", `${herald}/vipnodes/${node}/status`, { status });
    await this.#api.call("PATCH", `${leases}/herald-agent-${node}`, { spec: this.#leaseSpec(node) });
  }

  #leaseSpec(holderIdentity: string): object {
    const renewTime = new Date().toISOString().replace("Z", "000Z");
    return { holderIdentity, leaseDurationSeconds: leaseSeconds, renewTime };
  }
}
