import assert from "node:assert/strict";
import { MessageSplitter } from "../../../src/protocols/bgp/message-splitter.ts";
import { type Endpoints, Session, type SessionSettings, type WantedRoute } from "../../../src/protocols/bgp/session.ts";
import { endpoints } from "../../unit/protocols/bgp/session-rig.ts";
import { Rib } from "./link-rib.ts";

/** One speaker: its process may be gone, and come again. */
export type Speaker = {
  readonly name: string;
  readonly settings: SessionSettings;
  session: Session | undefined;
  wanted: Map<string, WantedRoute>;
  /** When it last was planned to be woken. */
  wakeMs: number;
  isEstablished: boolean;
  /** How long it was, in all its processes. */
  establishedMs: number;
};

/** One side of a TCP connection: the speaker, the number that its session gave it, what it learnt over it. */
type Side = {
  readonly speaker: Speaker;
  session: Session | undefined;
  number: number;
  open: boolean;
  /** When what was last sent to it arrives: nothing overtakes. */
  lastMs: number;
  readonly splitter: MessageSplitter;
  readonly rib: Rib;
};

type Wire = { readonly sides: readonly [Side, Side] };
type Happening = { readonly atMs: number; readonly run: () => void };

const LONGEST_DELAY_MS = 40;
const transport: Endpoints = endpoints;

/** Two speakers and the network between them, under a clock of its own; all that is by chance comes from `random`. */
export class VirtualLink {
  nowMs = 0;
  cutUntilMs = 0;
  readonly speakers: readonly [Speaker, Speaker];
  readonly random: () => number;
  #happenings: Happening[] = [];
  #wires: Wire[] = [];

  constructor(settings: readonly [SessionSettings, SessionSettings], random: () => number) {
    this.random = random;
    const speaker = (own: SessionSettings, name: string): Speaker => ({
      name,
      settings: own,
      session: undefined,
      wanted: new Map(),
      wakeMs: Number.POSITIVE_INFINITY,
      isEstablished: false,
      establishedMs: 0,
    });
    this.speakers = [speaker(settings[0], "a"), speaker(settings[1], "b")];
  }

  /** Something to happen in so many milliseconds. */
  after(ms: number, run: () => void): void {
    const atMs = this.nowMs + ms;
    let place = this.#happenings.length;
    while (place > 0 && (this.#happenings[place - 1]?.atMs ?? 0) <= atMs) place--;
    this.#happenings.splice(place, 0, { atMs, run });
  }

  /** Lets time go by. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.#happenings.at(-1); next !== undefined && next.atMs <= endMs; next = this.#happenings.at(-1)) {
      this.#happenings.pop();
      this.#count(next.atMs);
      next.run();
    }
    this.#count(endMs);
  }

  /** A new process of the speaker; it learns the routes somewhat later. */
  boot(speaker: Speaker): void {
    const session = new Session({ settings: speaker.settings, random: this.random }, this.nowMs);
    speaker.session = session;
    session.start(this.nowMs);
    this.settle(speaker);
    this.after(this.random() * 200, () => {
      if (speaker.session !== session) return;
      session.setRoutes(speaker.wanted.values());
      this.settle(speaker);
    });
  }

  /** The process is gone; `silently`: so is the machine, the other side hears nothing until it says something. */
  kill(speaker: Speaker, silently: boolean): void {
    speaker.session = undefined;
    speaker.isEstablished = false;
    speaker.wakeMs = Number.POSITIVE_INFINITY;
    if (!silently) for (const wire of this.#wires) if (sideOf(wire, speaker).open) this.#end(wire, speaker, "reset");
  }

  /** All connections are lost, for both. */
  reset(): void {
    for (const { sides } of this.#wires)
      for (const side of sides) {
        if (side.open && side.session === side.speaker.session)
          side.session?.closed(side.number, "connection reset", this.nowMs);
        side.open = false;
      }
    for (const speaker of this.speakers) this.settle(speaker);
  }

  /** Carries out what a session asks for, and plans when it is woken. */
  settle(speaker: Speaker): void {
    const { session } = speaker;
    if (session === undefined) return;
    for (const command of session.takeCommands())
      if (command.kind === "connect") this.#connect(speaker, command.connection);
      else if (command.kind === "write") this.#write(speaker, command.connection, command.bytes);
      else this.#close(speaker, command.connection);
    for (const news of session.takeNews()) if (news.kind === "state") speaker.isEstablished = news.to === "Established";
    const { connections } = session.describe(this.nowMs);
    assert.ok(
      connections.filter(({ state }) => state === "Established").length <= 1,
      "two connections are established",
    );
    this.#plan(speaker, session);
  }

  /** What the other speaker has learnt from this one over the connection that is established for both; undefined: none is. */
  learnt(from: Speaker): Rib | undefined {
    const wire = this.#wires.find(({ sides }) => sides.every((side) => isEstablished(side, this.nowMs)));
    return wire && otherSide(wire, from).rib;
  }

  #plan(speaker: Speaker, session: Session): void {
    const wakeMs = Math.max(this.nowMs, session.wakeAtMs());
    if (wakeMs === speaker.wakeMs || wakeMs === Number.POSITIVE_INFINITY) return;
    speaker.wakeMs = wakeMs;
    this.after(wakeMs - this.nowMs, () => {
      if (speaker.session !== session || speaker.wakeMs !== wakeMs) return;
      speaker.wakeMs = Number.POSITIVE_INFINITY;
      session.tick(this.nowMs);
      this.settle(speaker);
    });
  }

  #connect(from: Speaker, number: number): void {
    const to = this.#other(from);
    const wire: Wire = { sides: [side(from, number), side(to, 0)] };
    wire.sides[0].open = true;
    this.#wires.push(wire);
    this.after(this.#delay(), () => {
      if (this.nowMs >= this.cutUntilMs && from.session === wire.sides[0].session) this.#offer(wire);
    });
  }

  #offer(wire: Wire): void {
    const [asking, asked] = wire.sides;
    if (!asking.open) return;
    const offer = asked.speaker.session?.offered(transport, this.nowMs) ?? { refused: "nobody listens" };
    if ("refused" in offer) this.#end(wire, asked.speaker, "connection refused");
    else {
      Object.assign(asked, { open: true, session: asked.speaker.session, number: offer.connection });
      this.#send(wire, asking, () => asking.session?.connected(asking.number, transport, this.nowMs));
    }
    this.settle(asked.speaker);
  }

  #write(speaker: Speaker, number: number, bytes: Uint8Array): void {
    const wire = this.#wire(speaker, number);
    assert.ok(wire !== undefined && sideOf(wire, speaker).open, "writes to a connection that is not there");
    const to = otherSide(wire, speaker);
    this.#send(wire, to, () => this.#deliver(to, bytes));
    if (this.random() < 0.02) this.#stall(wire, speaker, number);
  }

  #stall(wire: Wire, speaker: Speaker, number: number): void {
    const { session } = speaker;
    session?.full(number, this.nowMs);
    this.after(this.random() * 3_000, () => {
      if (speaker.session === session && sideOf(wire, speaker).open) session?.writable(number, this.nowMs);
      this.settle(speaker);
    });
  }

  #deliver(to: Side, bytes: Uint8Array): void {
    to.splitter.push(bytes);
    for (let message = to.splitter.next(); message !== undefined; message = to.splitter.next()) to.rib.take(message);
    if (this.random() < 0.5) to.session?.received(to.number, bytes, this.nowMs);
    else for (const half of halves(bytes)) to.session?.received(to.number, half, this.nowMs);
  }

  #close(speaker: Speaker, number: number): void {
    const wire = this.#wire(speaker, number);
    assert.ok(wire !== undefined && sideOf(wire, speaker).open, "closes a connection that is not there");
    this.#end(wire, speaker, "closed by the peer");
  }

  /** One side has no connection any more; the other hears of it after all that was sent before. */
  #end(wire: Wire, speaker: Speaker, why: string): void {
    sideOf(wire, speaker).open = false;
    const other = otherSide(wire, speaker);
    this.#send(wire, other, () => {
      other.open = false;
      other.session?.closed(other.number, why, this.nowMs);
    });
  }

  /** In order, after any cut; a machine that knows nothing of the connection answers with its end. */
  #send(wire: Wire, to: Side, run: () => void): void {
    to.lastMs = Math.max(to.lastMs, this.nowMs + this.#delay(), this.cutUntilMs + this.#delay());
    this.after(to.lastMs - this.nowMs, () => {
      if (!to.open) return;
      if (to.session !== to.speaker.session) {
        if (to.speaker.session !== undefined) this.#end(wire, to.speaker, "connection reset");
        return;
      }
      run();
      this.settle(to.speaker);
    });
  }

  #wire(speaker: Speaker, number: number): Wire | undefined {
    this.#wires = this.#wires.filter(({ sides }) => sides.some(({ open }) => open));
    return this.#wires.find((wire) => {
      const own = sideOf(wire, speaker);
      return own.number === number && own.session === speaker.session;
    });
  }

  #other(speaker: Speaker): Speaker {
    const [a, b] = this.speakers;
    return speaker === a ? b : a;
  }

  #delay(): number {
    return 0.1 + this.random() * LONGEST_DELAY_MS;
  }

  #count(nowMs: number): void {
    for (const speaker of this.speakers) if (speaker.isEstablished) speaker.establishedMs += nowMs - this.nowMs;
    this.nowMs = nowMs;
  }
}

function side(speaker: Speaker, number: number): Side {
  const { session } = speaker;
  return { speaker, session, number, open: false, lastMs: 0, splitter: new MessageSplitter(), rib: new Rib() };
}

function sideOf({ sides }: Wire, speaker: Speaker): Side {
  return sides[0].speaker === speaker ? sides[0] : sides[1];
}

function otherSide({ sides }: Wire, speaker: Speaker): Side {
  return sides[0].speaker === speaker ? sides[1] : sides[0];
}

function isEstablished({ session, number, open, speaker }: Side, nowMs: number): boolean {
  const found = session?.describe(nowMs).connections.find(({ connection }) => connection === number);
  return open && session === speaker.session && found?.state === "Established";
}

function halves(bytes: Uint8Array): readonly Uint8Array[] {
  const middle = bytes.length >> 1;
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}
