import type { GroupList, Wish, WitnessAnswer, WitnessRequest } from "../../../../src/announce/votes/member.ts";
import type { Placement } from "./api-server.ts";
import type { Machine } from "./machine.ts";
import type { Process } from "./process.ts";
import type { Surroundings } from "./surroundings.ts";

const lookEachMs = 400;
const gatewayWaitsMs = 60;
/** More calls for the witness in a second are too many. */
const mostCalls = 20;
/** An answer that takes longer may be one to a request that was given up. */
const givesUpMs = 480;

/** What joins a machine's process to the API server: it reads the list and the wishes, and carries the calls for the witness. */
export class Agent {
  readonly #machine: Machine;
  readonly #around: Surroundings;
  /** Since when its process has known any wishes, in true ms. */
  knowsSinceMs = Number.POSITIVE_INFINITY;
  /** The version that the last write of its process made of the witness Lease, as far as it knows. */
  witnessVersion: string | undefined;
  #seen = -1;
  #asking = false;
  /** The last call for the witness: one before it was given up, though it may still be answered. */
  #askedId = 0;
  #calls = { sinceMs: 0, count: 0 };
  #lateUntilMs = 0;
  #shown: readonly Wish[] = [];
  readonly #generations: number[] = [];

  constructor(machine: Machine, around: Surroundings) {
    this.#machine = machine;
    this.#around = around;
  }

  /** The newest generation of an address's wish that this machine was ever shown. */
  generation(address: number): number {
    return this.#generations[address] ?? 0;
  }

  /** Whether it was last shown that it may hold the address. */
  wasWilling(address: number): boolean {
    return this.#shown[address]?.willing === true;
  }

  /** A new process knows nothing of the API server's yet. */
  began(): void {
    this.#seen = -1;
    this.#shown = [];
    this.knowsSinceMs = Number.POSITIVE_INFINITY;
    this.witnessVersion = undefined;
    this.#asking = false;
    this.#look(this.#machine.process);
  }

  /** The server has something new. */
  changed(): void {
    if (!this.#asking) this.#readIfNew();
  }

  /** Its watches say nothing for so long. */
  beLate(forMs: number): void {
    this.#lateUntilMs = Math.max(this.#lateUntilMs, this.#around.scheduler.nowMs + forMs);
  }

  /** Its watches say what there is. */
  becomeCalm(): void {
    this.#lateUntilMs = 0;
  }

  /** Reads the list and the wishes. */
  read(): void {
    const { server } = this.#around;
    const { process } = this.#machine;
    if (process?.alive !== true) return;
    this.#asking = true;
    const serve = (): Shown => ({
      version: server.version,
      list: server.list,
      wishes: this.#wishes(placedNow(server)),
    });
    this.#link.call(serve, (shown) => this.#hear(process, shown));
  }

  /** Shows the process what there was so many writes ago. */
  showAgain(what: "list" | "wishes", back: number): void {
    const { server } = this.#around;
    const { process } = this.#machine;
    if (what === "list") {
      const list = server.lists.at(-1 - back) ?? server.lists[0];
      if (list !== undefined) process?.input((member, nowMs) => member.setList(list, nowMs));
      return;
    }
    const wishes = this.#wishes(server.placements.map((all) => all.at(-1 - back) ?? all[0]));
    process?.input((member, nowMs) => member.setWishes(wishes, nowMs));
    this.#note(wishes);
    this.#seen = -1;
  }

  /**
   * Carries a call for the witness Lease; of some no answer ever comes. The gateway is asked before the witness is taken: what
   * was last heard of it is as old as the fault.
   */
  ask(request: WitnessRequest, by: Process): void {
    if (request.kind !== "take" || this.#machine.gatewayAnswers()) this.#call(request, by);
    else this.#around.scheduler.silently(gatewayWaitsMs, () => this.#giveUpTaking(request, by));
  }

  #giveUpTaking({ id }: WitnessRequest, by: Process): void {
    by.input((member, nowMs) => {
      member.gateway(false, nowMs);
      member.witnessAnswered({ id, kind: "failed" }, nowMs);
    });
  }

  #call(request: WitnessRequest, by: Process): void {
    if (request.kind === "empty") this.witnessVersion = undefined;
    this.#askedId = request.id;
    this.#countCall();
    const { server, scheduler } = this.#around;
    const { name } = this.#machine;
    const { nowMs } = scheduler;
    this.#around.note(`${name} asks of the witness: ${JSON.stringify(request)}`);
    this.#link.call(
      () => server.witness(request, name),
      (answer) => {
        if (answer === undefined) this.#failed(request, by);
        else this.#answered(answer, by, scheduler.nowMs - nowMs);
      },
    );
  }

  get #link() {
    return this.#around.linkOf(this.#machine);
  }

  #answered(answer: WitnessAnswer, by: Process, afterMs: number): void {
    const counts = by.runs && afterMs < givesUpMs && answer.id === this.#askedId;
    if (answer.kind === "written" && counts) this.witnessVersion = answer.resourceVersion;
    this.#around.note(`${this.#machine.name} hears of the witness: ${JSON.stringify(answer)}`);
    by.input((member, nowMs) => {
      member.apiAnswered(nowMs);
      member.witnessAnswered(answer, nowMs);
    });
  }

  #failed({ id }: WitnessRequest, by: Process): void {
    by.input((member, nowMs) => member.witnessAnswered({ id, kind: "failed" }, nowMs));
  }

  #countCall(): void {
    const { nowMs } = this.#around.scheduler;
    if (nowMs - this.#calls.sinceMs > 1_000) this.#calls = { sinceMs: nowMs, count: 0 };
    if (++this.#calls.count === mostCalls) this.#around.ranWild(this.#machine, "asks for the witness without end");
  }

  #look(process: Process | undefined): void {
    if (process === undefined || process !== this.#machine.process || !process.alive) return;
    this.#readIfNew();
    this.#around.scheduler.silently(lookEachMs, () => this.#look(process));
  }

  #readIfNew(): void {
    const { server, scheduler } = this.#around;
    if (this.#seen !== server.version && scheduler.nowMs >= this.#lateUntilMs) this.read();
  }

  #hear(process: Process, shown: Shown | undefined): void {
    this.#asking = false;
    if (shown === undefined || process !== this.#machine.process) return;
    this.#seen = shown.version;
    this.#note(shown.wishes);
    process.input((member, nowMs) => {
      member.apiAnswered(nowMs);
      member.setList(shown.list, nowMs);
      member.setWishes(shown.wishes, nowMs);
    });
  }

  #note(wishes: readonly Wish[]): void {
    this.#shown = wishes;
    this.knowsSinceMs = Math.min(this.knowsSinceMs, this.#around.scheduler.nowMs);
    for (const [i, { generation }] of wishes.entries()) this.#generations[i] = Math.max(this.generation(i), generation);
  }

  #wishes(placed: readonly (Placement | undefined)[]): readonly Wish[] {
    const { addresses, server } = this.#around;
    const { name } = this.#machine;
    return addresses.flatMap((address, i) => {
      const placement = placed[i];
      if (placement === undefined) return [];
      const candidates = server.list.members.filter((node) => server.isWilling(node, i));
      return [{ address, ...placement, willing: server.isWilling(name, i), candidates }];
    });
  }
}

type Shown = { readonly version: number; readonly list: GroupList; readonly wishes: readonly Wish[] };

function placedNow({ placements }: Surroundings["server"]): readonly (Placement | undefined)[] {
  return placements.map((all) => all.at(-1));
}
