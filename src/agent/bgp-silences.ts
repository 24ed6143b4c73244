import type { Absence, PeerRoutes } from "../announce/bgp-routes.ts";
import { type Silence, silenceText } from "../announce/bgp-silence.ts";
import type { Family } from "../net/address.ts";
import type { SessionReport } from "./bgp-ports.ts";

/** Of each established peer the families of which it is told nothing, by the peer's name; empty: it is told of all. */
export type SilencesByPeer = ReadonlyMap<string, Silence>;

/** The last report of a peer's session that is established; undefined: it is not. */
type Established = (peer: string) => SessionReport | undefined;

/** Knows which established sessions tell no route of a family that they are meant to tell, whichever route it is. */
export class Silences {
  #last: { readonly text: string; readonly silences: SilencesByPeer } = { text: "", silences: new Map() };

  /** What is so now of what the peers are to be told; the same map as long as it says the same. */
  at(peers: readonly PeerRoutes[], established: Established): SilencesByPeer {
    const silent = peers.flatMap((planned) => {
      const report = established(planned.peer.name);
      return report === undefined ? [] : [[planned.peer.name, silenceOf(planned, report)] as const];
    });
    const text = silent.map(([name, silence]) => `${name} ${silenceText(silence)}`).join("\n");
    if (text !== this.#last.text) this.#last = { text, silences: new Map(silent) };
    return this.#last.silences;
  }
}

function silenceOf(planned: PeerRoutes, { established }: SessionReport): Silence {
  const meant = familiesMeant(planned);
  const silent = (established?.silent ?? []).filter(
    ({ family }) => planned.peer.families.includes(family) && meant.has(family),
  );
  return new Map(silent.map(({ family, reason }) => [family, reason]));
}

/** Reasons for which another node, or this one at another time, tells the peer of the address. */
const elsewhere: ReadonlySet<Absence["reason"]> = new Set(["NotChosen", "NoLocalEndpoint"]);

const known = new WeakMap<PeerRoutes, ReadonlySet<Family>>();

/** The families of the routes that a peer is to be told, and of those that it would be if the node were chosen. */
function familiesMeant(planned: PeerRoutes): ReadonlySet<Family> {
  const before = known.get(planned);
  if (before !== undefined) return before;
  const told = planned.routes.map(({ prefix }) => prefix.address.family);
  const away = planned.absent.filter(({ reason }) => elsewhere.has(reason)).map(({ address }) => address.family);
  const meant = new Set([...told, ...away]);
  known.set(planned, meant);
  return meant;
}
