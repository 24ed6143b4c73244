import type { ControllerOptions } from "../../../src/controller/options.ts";
import type { LedgerObject, ServiceObject } from "../api/object.ts";
import { controllerPrefix } from "../api/rules.ts";
import { ApiServer } from "../api/server.ts";
import type { StoredChange } from "../api/storage.ts";
import { Watches } from "../api/watches.ts";
import { Chances } from "../chances.ts";
import { Facts } from "../oracles/facts.ts";
import type { Invariant, Violation } from "../oracles/invariant.ts";
import { ledgerInvariants } from "../oracles/ledger-invariants.ts";
import { memoryInvariants } from "../oracles/memory-invariants.ts";
import { serviceInvariants } from "../oracles/service-invariants.ts";
import { Scheduler } from "../scheduler.ts";
import { nodeNames } from "../script/names.ts";
import { type MachineAct, type Script, type Step, stepText, type UserAct } from "../script/step.ts";
import type { Trace } from "../trace.ts";
import { Agent } from "./agent.ts";
import { befall } from "./befall.ts";
import { Machine, type Plant } from "./controller.ts";
import { runKubernetes } from "./kubernetes.ts";
import { epochMs } from "./process.ts";

/** How controllers are run. */
export const options: ControllerOptions = {
  kubeconfig: "",
  defaultClass: true,
  allowForeignAddresses: false,
  writeLoadBalancerIP: true,
  observe: false,
  rebalance: "Off",
  respect: { cordon: false, outOfService: false },
  leaderElect: true,
  namespace: "herald-system",
  metricsAddress: { host: "127.0.0.1", port: 0 },
  logLevel: "error",
};

const allLedgerInvariants = [...ledgerInvariants, ...memoryInvariants];

/** A whole cluster under one clock: the API server, Herald's controllers, agents, Kubernetes' own part. */
export class World {
  readonly scheduler = new Scheduler();
  readonly server: ApiServer;
  readonly facts: Facts;
  readonly violations: Violation[] = [];
  readonly #trace: Trace;
  readonly #machines: readonly Machine[];
  readonly #agents: readonly Agent[];
  /** When a controller last wrote something that is neither a Lease nor an Event. */
  lastWriteMs = 0;

  constructor({ seed, variant, setUp }: Script, trace: Trace, plant: Plant) {
    const { scheduler } = this;
    const chances = new Chances(seed, scheduler);
    this.#trace = trace;
    this.server = new ApiServer(() => epochMs + scheduler.nowMs);
    this.facts = new Facts(this.server, variant);
    const watches = new Watches(this.server.storage);
    this.server.storage.follow((change) => this.#note(change));
    runKubernetes(this.server, scheduler, chances);
    for (const act of setUp) this.#user(act);
    const world = { server: this.server, scheduler, chances };
    this.#agents = nodeNames.map((node, i) => new Agent({ node, host: i + 11 }, world));
    this.#machines = Array.from({ length: variant.controllers }, (_, i) => {
      return new Machine(`c${i}`, {
        backend: { server: this.server, watches, scheduler, chances },
        options: { ...options, leaderElect: variant.election },
        plant,
        log: (line) => trace.remark(line),
        verbose: trace.keeps,
        onPremature: (fault) => this.#violated("nothing is planned before all was read, the own last write too", fault),
        onBug: (error) =>
          this.#violated("no controller throws", error instanceof Error ? `${error.stack}` : `${error}`),
      });
    });
    for (const machine of this.#machines)
      scheduler.after(chances.of(machine.name).between(0, 500), () => machine.start());
  }

  /** Does a step. */
  apply(step: Step): void {
    this.#trace.add(`${Math.round(this.scheduler.nowMs)} ${stepText(step)}`);
    if (step.act === "user") this.#user(step);
    else if (step.act === "agent") this.#agents.find(({ node }) => node === step.node)?.become(step.state);
    else if (step.act === "compact") this.server.compact();
    else this.#befall(step);
  }

  #befall(act: MachineAct): void {
    const machine = this.#machines[act.machine];
    if (act.act === "wallClock") this.facts.wallWasWrong ||= act.offsetMs !== 0;
    if (machine !== undefined) befall(machine, act, this.scheduler.nowMs);
  }

  /** From now on nothing goes wrong any more, and everything runs. */
  becomeCalm(): void {
    this.#trace.add(`${Math.round(this.scheduler.nowMs)} calm`);
    for (const machine of this.#machines) {
      machine.faults.clear();
      machine.setWallOffset(0);
      machine.keepRunning();
    }
    for (const agent of this.#agents) agent.become("alive");
  }

  #user({ method, path, body }: UserAct): void {
    const contentType = "application/merge-patch+json";
    const request = { method, path, contentType, body: body && JSON.stringify(body), by: "user" };
    const { status, text } = this.server.answer(request);
    if (status >= 400 && status !== 404 && status !== 409) this.#trace.remark(`refused: ${text}`);
  }

  #note(change: StoredChange): void {
    const { plural, key, type, by, object, before } = change;
    this.facts.nowMs = this.scheduler.nowMs;
    this.#trace.add(`${Math.round(this.scheduler.nowMs)} ${by} ${type} ${plural}/${key} ${change.version}`);
    if (this.#trace.keeps) this.#trace.remark(shortText(change));
    this.facts.note(change);
    if (by.startsWith(controllerPrefix) && plural !== "leases" && plural !== "events")
      this.lastWriteMs = this.scheduler.nowMs;
    if (plural === "vipadvertisements") {
      const after = type === "DELETED" ? undefined : (object as LedgerObject);
      this.#check(allLedgerInvariants, { by, before: before as LedgerObject | undefined, after });
    } else if (
      plural === "services" &&
      by.startsWith(controllerPrefix) &&
      before !== undefined &&
      type === "MODIFIED"
    ) {
      this.#check(serviceInvariants, { by, before: before as ServiceObject, after: object as ServiceObject });
    }
  }

  #check<Write>(invariants: readonly Invariant<Write>[], write: Write): void {
    for (const { name, broken } of invariants) {
      const message = broken(write, this.facts);
      if (message !== undefined) this.#violated(name, message);
    }
  }

  #violated(invariant: string, message: string): void {
    this.#trace.add(`VIOLATED ${invariant}: ${message}`);
    this.violations.push({ invariant, message });
  }
}

function shortText({ plural, object, type }: StoredChange): string {
  if (plural === "leases" || plural === "events" || type === "DELETED") return "";
  const { metadata, spec, status } = object;
  return JSON.stringify({ uid: metadata.uid.slice(-4), annotations: metadata.annotations, spec, status });
}
