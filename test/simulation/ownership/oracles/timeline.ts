/** How a member answers for an address: by votes, without a quorum, or until its heir holds it. */
export type Kind = "holds" | "keeps" | "gives";

/** Until when (true ms) a machine answers, and how. */
export type Answering = { readonly untilMs: number; readonly kind: Kind };

/** Those that answer for an address, by machine. */
export type Answerers = ReadonlyMap<number, Answering>;

/** Hears of every change of who answers for an address; `atMs` is when it came about. */
export type Listener = (
  address: number,
  before: ReadonlyMap<number, Kind>,
  after: ReadonlyMap<number, Kind>,
  atMs: number,
) => void;

/**
 * Who answers for each address at each moment. An answer ends by itself at a time; those ends are found in their order, before
 * anything that comes later.
 */
export class Timeline {
  readonly #addresses: readonly Map<number, Answering>[];
  readonly #listener: Listener;
  #nextEndMs = Number.POSITIVE_INFINITY;

  constructor(addresses: number, listener: Listener) {
    this.#addresses = Array.from({ length: addresses }, () => new Map());
    this.#listener = listener;
  }

  /** Lets everything end that ends until then. */
  advance(nowMs: number): void {
    while (this.#nextEndMs <= nowMs) this.#endNext();
  }

  /** From now on the machine answers for the address so, or (undefined) not at all. */
  set(machine: number, address: number, nowMs: number, answering: Answering | undefined): void {
    const answerers = this.#addresses[address];
    if (answerers === undefined) return;
    const before = answerers.get(machine);
    if (answering === undefined || answering.untilMs <= nowMs) {
      if (before !== undefined) this.#change(address, nowMs, () => answerers.delete(machine));
      return;
    }
    this.#nextEndMs = Math.min(this.#nextEndMs, answering.untilMs);
    if (before?.kind === answering.kind) answerers.set(machine, answering);
    else this.#change(address, nowMs, () => answerers.set(machine, answering));
  }

  /** The machine answers for nothing any more. */
  silence(machine: number, nowMs: number): void {
    for (let address = 0; address < this.#addresses.length; address++) this.set(machine, address, nowMs, undefined);
  }

  /** Who answers for it now. */
  answerers(address: number): Answerers {
    return this.#addresses[address] ?? new Map();
  }

  #endNext(): void {
    const endMs = this.#nextEndMs;
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    for (const [address, answerers] of this.#addresses.entries()) {
      const over = [...answerers].filter(([, { untilMs }]) => untilMs <= endMs);
      if (over.length > 0) this.#change(address, endMs, () => remove(answerers, over));
      for (const { untilMs } of answerers.values()) this.#nextEndMs = Math.min(this.#nextEndMs, untilMs);
    }
  }

  #change(address: number, atMs: number, change: () => void): void {
    const before = kinds(this.answerers(address));
    change();
    this.#listener(address, before, kinds(this.answerers(address)), atMs);
  }
}

function remove(answerers: Map<number, Answering>, over: readonly (readonly [machine: number, Answering])[]): void {
  for (const [machine] of over) answerers.delete(machine);
}

function kinds(answerers: Answerers): ReadonlyMap<number, Kind> {
  return new Map([...answerers].map(([machine, { kind }]) => [machine, kind]));
}
