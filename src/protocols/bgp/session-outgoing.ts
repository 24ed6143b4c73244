import { AdjOut } from "./adj-out.ts";
import { exporter } from "./adj-out-export.ts";
import { encodeEndOfRib, encodeUpdates } from "./encode-updates.ts";
import type { Commands } from "./session-commands.ts";
import type { Connection } from "./session-connection.ts";
import type { Journal } from "./session-journal.ts";
import type { SessionSettings } from "./session-settings.ts";

/** Most prefixes that are packed before the transport may say that it is full. */
export const FLUSH_PREFIXES = 4_000;

/** Brings routes to the peer. */
export class OutgoingRoutes {
  readonly routes = new AdjOut();
  readonly #settings: SessionSettings;
  readonly #commands: Commands;
  readonly #journal: Journal;

  constructor(settings: SessionSettings, commands: Commands, journal: Journal) {
    this.#settings = settings;
    this.#commands = commands;
    this.#journal = journal;
  }

  /** The session came up over this connection. */
  begin({ agreement, endpoints }: Connection): void {
    if (agreement === undefined || endpoints === undefined) return;
    const { negotiated } = agreement;
    this.routes.begin(negotiated.families, exporter(this.#settings, negotiated, endpoints));
  }

  /** Packets reach this node elsewhere over this connection, on which the session stands. */
  move({ agreement, endpoints }: Connection): void {
    if (agreement === undefined || endpoints === undefined) return;
    this.routes.exportBy(exporter(this.#settings, agreement.negotiated, endpoints));
  }

  /** Sends some of what waits, if the transport takes it; whether the peer has been given all for the first time. */
  flush(connection: Connection): boolean {
    const { agreement, number, writable } = connection;
    if (agreement === undefined || !writable) return false;
    const changes = this.routes.take(FLUSH_PREFIXES);
    for (const update of encodeUpdates(changes, agreement.negotiated)) this.#write(number, update);
    this.#journal.count("announcedPrefixes", changes.announced.length);
    this.#journal.count("withdrawnPrefixes", changes.withdrawn.length);
    const ends = this.routes.takeEnds();
    const { gracefulRestart } = agreement.peer.capabilities;
    if (gracefulRestart !== undefined) for (const family of ends) this.#write(number, encodeEndOfRib(family));
    return ends.length > 0;
  }

  #write(connection: number, update: Uint8Array): void {
    this.#commands.write(connection, update);
    this.#journal.message("sent", "update");
  }
}
