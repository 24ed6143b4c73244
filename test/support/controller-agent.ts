import type { KubeObject } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { eventually } from "./eventually.ts";

const nodes = "/api/v1/nodes";
const vipNodes = "/apis/herald.dev/v1beta1/vipnodes";
const advertisements = "/apis/herald.dev/v1beta1/vipadvertisements";
const groups = "/apis/herald.dev/v1beta1/vipgroups";
const peers = "/apis/herald.dev/v1beta1/bgppeers";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";

const leaseSeconds = 2;
const renewEveryMs = 300;

type GroupObject = KubeObject & {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly members: readonly string[] };
};
type AdvertisementObject = KubeObject & {
  readonly spec: {
    readonly address: string;
    readonly node?: string;
    readonly announcement?: { readonly bgp?: object };
    readonly announcers?: readonly string[];
  };
};

/**
 * An agent as the API server sees one: it renews a Lease, and says in its VIPNode that it announces what it is told to, and
 * that it hears every member of its groups.
 */
export type FakeAgent = {
  readonly node: string;
  /** From now on it announces nothing new, until called with false. */
  mute(muted: boolean): void;
  /** It says that it refuses an address, for this reason. */
  refuse(address: string, reason: string, message: string): void;
  /** Says that it announces these addresses, whatever it was told. */
  claim(addresses: readonly string[]): Promise<void>;
  /** It neither renews nor writes any more. */
  die(): void;
  /** It lives again. */
  revive(): void;
  /** Ends it for good. */
  stop(): void;
};

/**
 * Makes a Node and its agent; resolves once the controller has made the VIPNode and the first status is written. With
 * `routers` it has an established session with every BGPPeer, and tells all of them what it shall announce by BGP.
 */
export async function startFakeAgent(
  plane: ControlPlane,
  node: string,
  address: string,
  { routers = false }: { readonly routers?: boolean } = {},
): Promise<FakeAgent> {
  await plane.api.call("POST", nodes, { metadata: { name: node } });
  const agent = new Agent(plane, node, address);
  await agent.start(routers);
  return agent;
}

class Agent implements FakeAgent {
  readonly node: string;
  readonly #plane: ControlPlane;
  readonly #address: string;
  readonly #known = new Map<string, AdvertisementObject>();
  readonly #groups = new Map<string, GroupObject>();
  readonly #peers = new Map<string, KubeObject>();
  readonly #refusals = new Map<string, { reason: string; message: string }>();
  readonly #stop = new AbortController();
  #said: readonly string[] = [];
  #lies: readonly string[] = [];
  #muted = false;
  #dead = false;
  #dirty = false;
  #written: Promise<void> = Promise.resolve();

  constructor(plane: ControlPlane, node: string, address: string) {
    this.#plane = plane;
    this.node = node;
    this.#address = address;
  }

  async start(routers: boolean): Promise<void> {
    const { api } = this.#plane;
    await eventually(`VIPNode ${this.node} is made`, () => api.call("GET", `${vipNodes}/${this.node}`));
    await api.call("POST", leases, { metadata: { name: this.#lease() }, spec: this.#leaseSpec() });
    const timer = setInterval(() => void this.#renew(), renewEveryMs);
    this.#stop.signal.addEventListener("abort", () => clearInterval(timer));
    await this.#write();
    this.#follow(advertisements, this.#known);
    this.#follow(groups, this.#groups);
    if (routers) this.#follow(peers, this.#peers);
  }

  #follow<T extends KubeObject>(path: string, known: Map<string, T>): void {
    void this.#plane.api.follow<T>(
      path,
      {
        onList: (items) => {
          known.clear();
          for (const item of items) known.set(item.metadata.name, item);
          this.#touch();
        },
        onEvent: ({ type, object }) => {
          if (type === "DELETED") known.delete(object.metadata.name);
          else known.set(object.metadata.name, object);
          this.#touch();
        },
      },
      this.#stop.signal,
    );
  }

  #groupStates(): readonly object[] {
    return [...this.#groups.values()]
      .filter(({ spec }) => spec.members.includes(this.node))
      .map(({ metadata: { name, generation: epoch }, spec: { members } }) => {
        return { name, epoch, quorum: true, hears: members.filter((member) => member !== this.node) };
      });
  }

  mute(muted: boolean): void {
    this.#muted = muted;
    this.#touch();
  }

  refuse(address: string, reason: string, message: string): void {
    this.#refusals.set(address, { reason, message });
    this.#touch();
  }

  async claim(addresses: readonly string[]): Promise<void> {
    this.#lies = addresses;
    await this.#write();
  }

  die(): void {
    this.#dead = true;
  }

  revive(): void {
    this.#dead = false;
    this.#touch();
  }

  stop(): void {
    this.#stop.abort();
  }

  #touch(): void {
    if (this.#dirty || this.#dead) return;
    this.#dirty = true;
    setTimeout(() => void this.#write(), 5);
  }

  /** One after another: of two at once the older one might come last. */
  #write(): Promise<void> {
    this.#written = this.#written.then(() => this.#writeNow());
    return this.#written;
  }

  async #writeNow(): Promise<void> {
    this.#dirty = false;
    if (this.#dead || this.#stop.signal.aborted) return;
    const told = [...this.#known.values()]
      .filter(({ spec }) => spec.node === this.node)
      .map(({ spec }) => spec.address);
    const willing = told.filter((each) => !this.#refusals.has(each) && (!this.#muted || this.#said.includes(each)));
    this.#said = [...willing, ...this.#lies];
    const [v6, v4] = [true, false].map((wanted) => this.#said.filter((each) => each.includes(":") === wanted));
    const { bgp, routed } = this.#routes();
    const announcing = [
      { protocol: "ARP", interface: "eth0", addresses: v4 },
      { protocol: "NDP", interface: "eth0", addresses: v6 },
      ...routed,
    ];
    const subnets = [`${this.#address}/24`, `2001:db8:50::${this.#address.split(".").at(-1)}/64`];
    const link = { name: "eth0", mac: "02:00:00:00:00:01", up: true, defaultRoute: true, subnets };
    const refusing = [...this.#refusals].map(([address, why]) => ({ address, ...why }));
    const status = {
      interfaces: [link],
      gateways: ["192.168.50.1"],
      announcing,
      refusing,
      groups: this.#groupStates(),
      bgp,
      conditions: [],
    };
    await this.#plane.api.call("PATCH", `${vipNodes}/${this.node}/status`, { status }).catch(() => this.#touch());
  }

  /** `bgp` null: nothing is said of sessions. */
  #routes(): { readonly bgp: readonly object[] | null; readonly routed: readonly object[] } {
    const wanted = [...this.#known.values()].filter(
      ({ spec: { announcement, announcers } }) =>
        announcement?.bgp !== undefined && announcers?.includes(this.node) !== false,
    );
    const addresses = wanted.map(({ spec }) => spec.address);
    if (this.#peers.size === 0) return { bgp: null, routed: [] };
    const session = { state: "Established", since: "2026-01-31T12:00:00Z", message: "", announced: addresses.length };
    return {
      bgp: [...this.#peers.keys()].map((peer) => ({ peer, ...session })),
      routed: [{ protocol: "BGP", interface: "", addresses }],
    };
  }

  async #renew(): Promise<void> {
    if (this.#dead) return;
    const path = `${leases}/${this.#lease()}`;
    await this.#plane.api.call("PATCH", path, { spec: this.#leaseSpec() }).catch(() => undefined);
  }

  #lease(): string {
    return `herald-agent-${this.node}`;
  }

  #leaseSpec(): object {
    const renewTime = new Date().toISOString().replace("Z", "000Z");
    return { holderIdentity: this.node, leaseDurationSeconds: leaseSeconds, renewTime };
  }
}
