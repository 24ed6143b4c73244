import type { WitnessAnswer, WitnessRequest } from "./inputs.ts";
import type { Timing } from "./timing.ts";

/** What the witness depends on at a moment. `wanted`: the list has one, the gateway answers and this member stays. */
export type WitnessNeed = {
  readonly node: string;
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly timing: Timing;
  readonly suspicion: boolean;
  readonly wanted: boolean;
  /** It leaves, holds nothing, and there is only one other, whose claims nobody else votes for: nobody counts it any more. */
  readonly hurries: boolean;
};

/** The resource version that was seen of the Lease, by whom it is held, and since when it stands still. */
export type Observed = { readonly resourceVersion: string; readonly holder: string; readonly sinceMs: number };

const never = Number.POSITIVE_INFINITY;

type Open = WitnessRequest & { readonly startedAtMs: number };

/** Rule 14: whether the witness may be taken: nobody has it, or whoever had it has not moved for 3 s. */
export function witnessIsFree({ holder, sinceMs }: Observed, nowMs: number, timing: Timing): boolean {
  return holder === "" || nowMs >= sinceMs + timing.witnessFreeMs;
}

/** Rule 16: whether an answer is that to the request that is open; one to a request that was given up says nothing. */
export function isAnswerTo(answer: { readonly id: number }, open: { readonly id: number } | undefined): boolean {
  return open !== undefined && answer.id === open.id;
}

/** The decisions that a witness goes by. */
export type WitnessRules = { readonly isFree: typeof witnessIsFree; readonly isAnswer: typeof isAnswerTo };

/**
 * Rules 14 to 16: the group's witness Lease, as this member sees and holds it. Also in a group without one the API server
 * is asked while there is suspicion, so that rule 17 knows whether it is there.
 */
export class Witness {
  readonly #rules: WitnessRules;
  #open: Open | undefined;
  #taken = false;
  #lastId = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the last request was refused or could not be sent. */
  #failed = false;
  #observed: Observed | undefined;
  /** This member's last successful write. */
  #mine: { readonly resourceVersion: string; readonly startedAtMs: number } | undefined;
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #calmSinceMs: number | undefined;
  #stoppedAtMs: number | undefined;
  /** While all is well: when the Lease is looked at next; Infinity: it is known to be free. */
  #lookAtMs: number | undefined;
  #emptiedAtMs = Number.NEGATIVE_INFINITY;

  constructor(rules: WitnessRules) {
    this.#rules = rules;
  }

  /** Until when this member counts twice; -Infinity: it does not. */
  get untilMs(): number {
    return this.#stoppedAtMs === undefined ? this.#validUntilMs : Number.NEGATIVE_INFINITY;
  }

  /** Whether the Lease is not this member's any more, and has not been for so long, so that another has seen that. */
  isGivenUp(nowMs: number, forMs: number): boolean {
    return this.#mine === undefined && (this.#open?.kind ?? "get") === "get" && nowMs >= this.#emptiedAtMs + forMs;
  }

  /** The request that is open and was not given out yet: each is given once. */
  request(): WitnessRequest | undefined {
    if (this.#open === undefined || this.#taken) return undefined;
    this.#taken = true;
    const { startedAtMs: _, ...request } = this.#open;
    return request;
  }

  /** Takes an answer in; false: it is to a request that was given up, and says nothing (rule 16). */
  answered(answer: WitnessAnswer, { node, nowMs, timing }: WitnessNeed): boolean {
    const open = this.#open;
    if (open === undefined || !this.#rules.isAnswer(answer, open)) return false;
    this.#open = undefined;
    switch (answer.kind) {
      case "found":
        this.#found(answer, node, { nowMs, timing });
        if (this.#observed && this.#rules.isFree(this.#observed, nowMs, timing)) this.#lookAtMs &&= never;
        break;
      case "written":
        this.#written(open, { resourceVersion: answer.resourceVersion, holder: node, sinceMs: nowMs }, timing);
        break;
      case "conflict":
        this.#mine = undefined;
        this.#observed = undefined;
        this.#askedAtMs = Number.NEGATIVE_INFINITY;
        break;
      case "failed":
        this.#failed = true;
        break;
    }
    return true;
  }

  /** Looks what is to be asked of the API server now (rule 15). */
  evaluate(need: WitnessNeed): void {
    const { nowMs, timing, suspicion, wanted } = need;
    this.#giveUp(need);
    this.#calmSinceMs = suspicion ? undefined : (this.#calmSinceMs ?? nowMs);
    if (!wanted || this.#isCalm(need)) this.#stop(need);
    else this.#stoppedAtMs = undefined;
    if (this.#open !== undefined) return;
    if (this.#stoppedAtMs === undefined && this.#ask(need)) return;
    if (suspicion && nowMs >= this.#askedAtMs + timing.apiAskMs) this.#send({ kind: "get" }, nowMs);
    this.#look(need);
  }

  /**
   * Looks at the Lease when all is well again, and after 3 s each until it is known to be free: who died with it, or did
   * not get to empty it, would else be waited for at the next loss.
   */
  #look({ nowMs, timing, wanted, suspicion }: WitnessNeed): void {
    this.#lookAtMs = wanted && !suspicion ? (this.#lookAtMs ?? nowMs) : undefined;
    const due = this.#lookAtMs !== undefined && nowMs >= this.#lookAtMs;
    if (!due || this.#mine !== undefined || this.#open !== undefined) return;
    this.#lookAtMs = nowMs + timing.witnessFreeMs;
    this.#send({ kind: "get" }, nowMs);
  }

  /** Rule 16: what was not answered in time is given up. */
  #giveUp({ nowMs, timing }: WitnessNeed): void {
    if (this.#open !== undefined && nowMs >= this.#open.startedAtMs + timing.apiAskMs) this.#open = undefined;
  }

  #isCalm({ nowMs, timing }: WitnessNeed): boolean {
    return this.#calmSinceMs !== undefined && nowMs >= this.#calmSinceMs + timing.witnessCalmMs;
  }

  /** When it is to be evaluated again without any input. */
  deadlines({ intervalMs, timing, suspicion }: WitnessNeed): readonly number[] {
    const asks = suspicion || this.#mine !== undefined;
    return [
      this.#validUntilMs,
      asks ? this.#askedAtMs + timing.apiAskMs : never,
      (this.#open?.startedAtMs ?? never) + timing.apiAskMs,
      (this.#calmSinceMs ?? never) + timing.witnessCalmMs,
      (this.#mine?.startedAtMs ?? never) + timing.witnessRenewMs,
      this.#lookAtMs ?? never,
      (this.#stoppedAtMs ?? never) + timing.witnessEmptyIntervals * intervalMs,
      suspicion ? (this.#observed?.sinceMs ?? never) + timing.witnessFreeMs : never,
      this.#emptiedAtMs + timing.witnessHeirMs,
    ];
  }

  /**
   * A Lease that names this node while this node still counts it was written by nobody who could hold it: by a write of its own
   * whose answer was lost, or by the controller, who says who may hold it. It is renewed with the version that was read: till
   * then nobody could take it, and afterwards the API server refuses.
   */
  #found(
    { holder, resourceVersion }: WitnessAnswer & { kind: "found" },
    node: string,
    { nowMs, timing }: Pick<WitnessNeed, "nowMs" | "timing">,
  ): void {
    const known = this.#observed;
    const moved = known?.resourceVersion !== resourceVersion || known.holder !== holder;
    if (moved) this.#observed = { resourceVersion, holder, sinceMs: nowMs };
    if (this.#mine?.resourceVersion === resourceVersion) return;
    this.#mine = undefined;
    if (holder !== node) this.#validUntilMs = Number.NEGATIVE_INFINITY;
    else if (nowMs < this.#validUntilMs) {
      this.#mine = { resourceVersion, startedAtMs: this.#validUntilMs - timing.witnessValidMs };
      this.#askedAtMs = Number.NEGATIVE_INFINITY;
    }
  }

  #written({ kind, startedAtMs }: Open, seen: Observed, timing: Timing): void {
    const emptied = kind === "empty";
    this.#observed = emptied ? { ...seen, holder: "" } : seen;
    if (emptied) {
      this.#lookAtMs &&= never;
      this.#emptiedAtMs = seen.sinceMs;
    }
    this.#mine = emptied ? undefined : { resourceVersion: seen.resourceVersion, startedAtMs };
    this.#validUntilMs = emptied ? Number.NEGATIVE_INFINITY : startedAtMs + timing.witnessValidMs;
  }

  /** Counts it no more, and empties the Lease once nobody counts it any more either. */
  #stop({ nowMs, intervalMs, timing, hurries }: WitnessNeed): void {
    if (this.#mine === undefined && nowMs >= this.#validUntilMs) {
      this.#stoppedAtMs = undefined;
      return;
    }
    this.#stoppedAtMs ??= nowMs;
    const due = hurries || nowMs >= this.#stoppedAtMs + timing.witnessEmptyIntervals * intervalMs;
    if (!due || this.#mine === undefined || this.#open !== undefined) return;
    if (!hurries && nowMs < this.#askedAtMs + timing.apiAskMs) return;
    this.#send({ kind: "empty", resourceVersion: this.#mine.resourceVersion }, nowMs);
    this.#mine = undefined;
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Rule 16: renews only with the version of the own last write; takes with the version that was seen free. */
  #ask({ nowMs, timing, suspicion, wanted }: WitnessNeed): boolean {
    if (this.#mine !== undefined) {
      const due = nowMs >= this.#mine.startedAtMs + timing.witnessRenewMs && nowMs >= this.#askedAtMs + timing.apiAskMs;
      if (due) this.#send({ kind: "renew", resourceVersion: this.#mine.resourceVersion }, nowMs);
      return due;
    }
    const seen = this.#observed;
    if (!suspicion || !wanted || seen === undefined || !this.#rules.isFree(seen, nowMs, timing)) return false;
    // What was refused or could not be sent fails quickly, and again.
    if (this.#failed && nowMs < this.#askedAtMs + timing.apiAskMs) return false;
    this.#send({ kind: "take", resourceVersion: seen.resourceVersion }, nowMs);
    return true;
  }

  #send(request: { kind: "get" } | { kind: "take" | "renew" | "empty"; resourceVersion: string }, nowMs: number): void {
    this.#lastId += 1;
    this.#askedAtMs = nowMs;
    this.#failed = false;
    this.#taken = false;
    this.#open = { ...request, id: this.#lastId, startedAtMs: nowMs };
  }
}
