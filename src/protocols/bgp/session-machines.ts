import { type Collision, collision, type Rival } from "./collision.ts";
import type { Open } from "./message.ts";
import type { Machine } from "./session-machine.ts";
import type { ConnectionReport } from "./session-report.ts";
import { compareStates, type State } from "./state.ts";

/** The machines of one session: its own, and those of connections which the peer began. Never two are Established. */
export class Machines {
  readonly own: Machine;
  #offered: readonly Machine[] = [];

  constructor(own: Machine) {
    this.own = own;
  }

  get all(): readonly Machine[] {
    return [this.own, ...this.#offered];
  }

  /** Those of connections that the peer began. */
  get offered(): readonly Machine[] {
    return this.#offered;
  }

  add(machine: Machine): void {
    this.#offered = [...this.#offered, machine];
  }

  /** Drops those whose connection is gone. */
  sweep(): void {
    if (this.#offered.some(({ connection }) => connection === undefined))
      this.#offered = this.#offered.filter(({ connection }) => connection !== undefined);
  }

  find(connection: number): Machine | undefined {
    return this.all.find((machine) => machine.connection?.number === connection);
  }

  others(machine: Machine): readonly Machine[] {
    return this.all.filter((other) => other !== machine);
  }

  get established(): Machine | undefined {
    return this.all.find(({ state }) => state === "Established");
  }

  /** What there is of connections. */
  get connections(): readonly ConnectionReport[] {
    return this.all.flatMap(({ connection, initiator, state }) =>
      connection === undefined ? [] : [{ connection: connection.number, initiator, state }],
    );
  }

  /** How far the session is. */
  get state(): State {
    return this.all.map(({ state }) => state).reduce((best, state) => (compareStates(state, best) > 0 ? state : best));
  }
}

/** What the peer's OPEN over one machine's connection means for another's (RFC 4271, 6.8). */
export function collisionWith(older: Machine, newer: Machine, peer: Open): Collision {
  const rival = rivalOf(older);
  const ours = newer.connection?.ours;
  if (rival === undefined || ours === undefined) return "both-stay";
  const speaker = ({ routerId, asn }: Open) => ({ identifier: Number(routerId.value), asn });
  return collision(rival, newer.initiator, speaker(ours), speaker(peer));
}

function rivalOf({ state, initiator, connection }: Machine): Rival | undefined {
  if (state === "Idle" || state === "Connect" || state === "Active") return undefined;
  const peer = connection?.agreement?.peer;
  const gracefulRestart = peer?.capabilities.gracefulRestart !== undefined;
  return { initiator, state, gracefulRestart, peerIdentifier: peer && Number(peer.routerId.value) };
}
