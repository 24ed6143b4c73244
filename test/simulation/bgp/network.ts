import type { Random } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";

/** What one end of a connection hears. Nothing more after `closed`. */
export type Ear = {
  connected(): void;
  bytes(bytes: Uint8Array): void;
  closed(why: string): void;
  /** The other end takes nothing for now, and again. */
  full(): void;
  writable(): void;
};

/** One end of a TCP connection. */
export type End = { send(bytes: Uint8Array): void; close(): void };

/** Takes a connection that `from` begins, or not. */
export type Listener = (from: string, end: End) => Ear | undefined;

/** Nothing may be sent over a connection that this end has closed, or of which it has heard the end. */
class Side implements End {
  open = true;
  ear: Ear | undefined;
  /** When what was last sent to it arrives: nothing overtakes. */
  lastMs = 0;
  readonly #name: string;
  readonly #wire: Wire;

  constructor(name: string, wire: Wire) {
    this.#name = name;
    this.#wire = wire;
  }

  send(bytes: Uint8Array): void {
    if (!this.open) throw new Error(`${this.#name}: writes to a connection that is not there`);
    this.#wire.deliver(this, (to) => to.ear?.bytes(bytes));
  }

  close(): void {
    if (!this.open) throw new Error(`${this.#name}: closes a connection that is not there`);
    this.open = false;
    this.ear = undefined;
    this.#wire.deliver(this, (to) => end(to, "closed by the peer"));
  }
}

function end(side: Side, why: string): void {
  const { ear } = side;
  side.open = false;
  side.ear = undefined;
  ear?.closed(why);
}

const LONGEST_DELAY_MS = 40;

/** The two ends of one connection, and the way between them. */
class Wire {
  readonly names: readonly [string, string];
  readonly sides: readonly [Side, Side];
  readonly #network: Network;

  constructor(names: readonly [string, string], network: Network) {
    this.names = names;
    this.#network = network;
    this.sides = [new Side(names[0], this), new Side(names[1], this)];
  }

  get alive(): boolean {
    return this.sides.some(({ open }) => open);
  }

  other(side: Side): Side {
    return this.sides[0] === side ? this.sides[1] : this.sides[0];
  }

  /** In order, after any cut. What reaches a machine that knows nothing of the connection is answered with its end. */
  deliver(from: Side, run: (to: Side) => void): void {
    const to = this.other(from);
    const { scheduler, random } = this.#network;
    const freeMs = Math.max(scheduler.nowMs, this.#network.cutUntilMs(this.names));
    const earliestMs = freeMs + 0.1 + random.next() * LONGEST_DELAY_MS;
    to.lastMs = Math.max(to.lastMs, earliestMs);
    scheduler.silently(to.lastMs - scheduler.nowMs, () => {
      if (to.open) run(to);
      else if (from.open && this.#network.isUp(this.names[this.sides.indexOf(to)] ?? "")) end(from, "connection reset");
    });
  }
}

/** TCP between named stations: connections with delays, cuts, resets and ends that vanish. */
export class Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly #listeners = new Map<string, Listener>();
  readonly #cuts = new Map<string, number>();
  #wires: Wire[] = [];

  constructor(scheduler: Scheduler, random: Random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  /** The station is up; undefined: it is not. */
  listen(name: string, listener: Listener | undefined): void {
    if (listener === undefined) this.#listeners.delete(name);
    else this.#listeners.set(name, listener);
  }

  isUp(name: string): boolean {
    return this.#listeners.has(name);
  }

  /** Begins a connection. */
  connect(from: string, to: string, ear: Ear): End {
    this.#wires = this.#wires.filter(({ alive }) => alive);
    const wire = new Wire([from, to], this);
    this.#wires.push(wire);
    const [asking, asked] = wire.sides;
    asking.ear = ear;
    wire.deliver(asking, () => {
      asked.ear = this.#listeners.get(to)?.(from, asked);
      if (asked.ear === undefined) asked.open = false;
      wire.deliver(asked, () =>
        asked.ear === undefined ? end(asking, "connection refused") : asking.ear?.connected(),
      );
    });
    return asking;
  }

  /** Nothing arrives between the two for so long; it is not lost. */
  cut(one: string, other: string, forMs: number): void {
    this.#cuts.set([one, other].sort().join(), this.scheduler.nowMs + forMs);
  }

  cutUntilMs(names: readonly [string, string]): number {
    return this.#cuts.get([...names].sort().join()) ?? 0;
  }

  /** All connections between the two are lost, for both. */
  reset(one: string, other: string): void {
    const sides = this.#wires
      .filter(({ names }) => names.includes(one) && names.includes(other))
      .flatMap((wire) => wire.sides);
    for (const side of sides) if (side.open) end(side, "connection reset");
  }

  /** The station is gone: it hears nothing more. Its peers hear of that now, or once they or it say something. */
  vanish(name: string, silently: boolean): void {
    this.listen(name, undefined);
    for (const { names, sides } of this.#wires) {
      const place = names.indexOf(name);
      const [own, other] = place === 0 ? sides : [sides[1], sides[0]];
      if (place < 0 || !own.open) continue;
      own.open = false;
      own.ear = undefined;
      if (!silently && other.open) this.scheduler.silently(1, () => other.open && end(other, "connection reset"));
    }
  }

  /** `name` takes nothing from the other for so long, and the other notices. */
  stall(name: string, other: string, forMs: number): void {
    for (const { names, sides } of this.#wires) {
      const place = names.indexOf(name);
      const [own, writing] = place === 0 ? sides : [sides[1], sides[0]];
      if (place < 0 || !names.includes(other) || !own.open || !writing.open) continue;
      own.lastMs = Math.max(own.lastMs, this.scheduler.nowMs + forMs);
      writing.ear?.full();
      this.scheduler.silently(forMs, () => writing.ear?.writable());
    }
  }
}
