import type { GroupObject } from "../../../src/api/vip-group.ts";
import { pathOf } from "../api/kinds.ts";
import type { LedgerObject } from "../api/object.ts";
import type { ApiServer } from "../api/server.ts";
import type { Chances } from "../chances.ts";
import type { Scheduler } from "../scheduler.ts";
import { epochMs } from "./process.ts";

/** Alive: it renews and announces; mute: it renews, but announces nothing new; dead: neither. */
export type AgentState = "alive" | "mute" | "dead";

const leaseSeconds = 15;
const renewEveryMs = 5_000;

/** What an agent of one node does at the API server: it renews its Lease and says what it announces. */
export class Agent {
  readonly node: string;
  readonly #server: ApiServer;
  readonly #scheduler: Scheduler;
  readonly #chances: Chances;
  readonly #host: number;
  #state: AgentState = "alive";
  #announcing: readonly string[] = [];
  #said = "";
  #due = false;

  constructor(
    { node, host }: { readonly node: string; readonly host: number },
    world: { readonly server: ApiServer; readonly scheduler: Scheduler; readonly chances: Chances },
  ) {
    this.node = node;
    this.#host = host;
    this.#server = world.server;
    this.#scheduler = world.scheduler;
    this.#chances = world.chances;
    this.#server.storage.follow(({ plural, key, by }) => {
      if (
        plural === "vipadvertisements" ||
        plural === "vipgroups" ||
        (plural === "vipnodes" && key === node && by !== this.#account())
      )
        this.#soon();
    });
    this.#renew();
  }

  /** It is so from now on. */
  become(state: AgentState): void {
    if (this.#state === "dead" && state !== "dead") this.#announcing = [];
    this.#state = state;
    this.#said = "";
    this.#soon();
  }

  #account(): string {
    return `agent-${this.node}`;
  }

  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    this.#scheduler.silently(this.#chances.of(this.#account()).between(2, 120), () => {
      this.#due = false;
      if (this.#state !== "dead") this.#report();
    });
  }

  #report(): void {
    const { storage } = this.#server;
    if (storage.get("vipnodes", this.node) === undefined) return;
    const ledger = [...(storage.all("vipadvertisements").values() as Iterable<LedgerObject>)];
    const told = ledger
      .filter(({ spec }) => spec.node === this.node && (spec.services ?? []).length > 0)
      .map(({ spec }) => spec.address)
      .sort();
    const known = this.#announcing;
    this.#announcing = this.#state === "mute" ? told.filter((each) => known.includes(each)) : told;
    this.#write({ announcing: announcements(this.#announcing), groups: this.#groups(), ...this.#links() });
  }

  /** It goes by the list that it sees, and hears all others. */
  #groups(): readonly object[] {
    const all = this.#server.storage.all("vipgroups").values() as Iterable<GroupObject>;
    return [...all]
      .filter(({ spec }) => spec.members.includes(this.node))
      .map(({ metadata: { name, generation: epoch = 0 }, spec: { members } }) => ({
        ...{ name, epoch, quorum: true, hears: members.filter((each) => each !== this.node) },
      }));
  }

  #links(): object {
    const subnets = [`10.0.0.${this.#host}/16`, `fd00:1::${this.#host}/64`];
    const link = { name: "eth0", mac: `02:00:00:00:00:${this.#host}`, up: true, defaultRoute: true, subnets };
    const ready = {
      type: "Ready",
      status: "True",
      reason: "Ready",
      message: "",
      lastTransitionTime: "2026-01-05T00:00:00Z",
    };
    return { interfaces: [link], gateways: ["10.0.255.254"], refusing: [], conditions: [ready] };
  }

  #write(status: object): void {
    const uid = this.#server.storage.get("vipnodes", this.node)?.metadata.uid;
    const body = JSON.stringify({ status });
    if (this.#said === `${uid} ${body}`) return;
    this.#said = `${uid} ${body}`;
    this.#call("PATCH", pathOf("vipnodes", this.node, true), body);
  }

  #renew(): void {
    this.#scheduler.silently(this.#chances.of(this.#account()).between(0.9, 1) * renewEveryMs, () => this.#renew());
    if (this.#state === "dead") return;
    const key = `herald-system/herald-agent-${this.node}`;
    const renewTime = new Date(epochMs + this.#scheduler.nowMs).toISOString().replace("Z", "000Z");
    const spec = { holderIdentity: this.node, leaseDurationSeconds: leaseSeconds, renewTime };
    const body = { metadata: { name: `herald-agent-${this.node}` }, spec };
    const known = this.#server.storage.get("leases", key) !== undefined;
    const path = pathOf("leases", key);
    if (known) this.#call("PATCH", path, JSON.stringify(body));
    else this.#call("POST", path.slice(0, path.lastIndexOf("/")), JSON.stringify(body));
  }

  #call(method: string, path: string, body: string): void {
    this.#server.answer({ method, path, body, by: this.#account(), contentType: "application/merge-patch+json" });
  }
}

function announcements(addresses: readonly string[]): readonly object[] {
  const six = addresses.filter((each) => each.includes(":"));
  const four = addresses.filter((each) => !each.includes(":"));
  return [
    { protocol: "ARP", interface: "eth0", addresses: four },
    { protocol: "NDP", interface: "eth0", addresses: six },
  ].filter((each) => each.addresses.length > 0);
}
