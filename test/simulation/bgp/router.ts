import type { Family } from "../../../src/net/address.ts";
import { encodeOpen } from "../../../src/protocols/bgp/encode-message.ts";
import type { Message, Notification, Open } from "../../../src/protocols/bgp/message.ts";
import type { notificationReason } from "../../../src/protocols/bgp/notification-codes.ts";
import { address } from "../../support/builders.ts";
import { routeRefresh } from "../../unit/protocols/bgp/messages.ts";
import type { Ear, End, Network } from "./network.ts";
import { Rib } from "./rib.ts";
import { RouterConnection } from "./router-connection.ts";

/** How a router is set up for one node, and what it does wrong. */
export type RouterConfig = {
  readonly asn: number;
  readonly routerId: string;
  readonly holdTimeSeconds: number;
  families: readonly Family[];
  /** Undefined: it cannot restart gracefully; else with or without the N bit. */
  readonly gracefulRestart: { readonly notification: boolean } | undefined;
  /** How often it connects by itself; undefined: it waits. */
  readonly dialsMs: number | undefined;
  refuses: "nothing" | "connections" | "opens";
  /** More prefixes end the session. */
  mostPrefixes: number;
};

/** Who is who, and whom new routes are told. */
export type RouterParts = {
  readonly network: Network;
  readonly router: string;
  readonly node: string;
  readonly config: RouterConfig;
  /** A route came over a connection that is established since then. @throws {Error} if it must not have come */
  readonly heard: (route: string, sinceMs: number) => void;
};

/** One router's side towards one node: RFC 4271 from memory, as a helper of RFC 4724, written apart from Herald's session. */
export class RouterPeering {
  readonly config: RouterConfig;
  rib = new Rib();
  readonly #parts: RouterParts;
  #connections: RouterConnection[] = [];
  #restarting = false;
  #sinceMs = 0;
  #losses = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.config = parts.config;
    if (parts.config.dialsMs !== undefined) this.#dialLater(parts.config.dialsMs);
  }

  /** Since when there is a session, by the clock of the world. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  get established(): RouterConnection | undefined {
    return this.#connections.find(({ established }) => established);
  }

  /** The families that both speak; who names none speaks IPv4. */
  get families(): readonly Family[] {
    const [ours, theirs] = [this.established?.ours, this.established?.theirs].map((open) => spoken(open));
    return ours?.filter((family) => theirs?.includes(family)) ?? [];
  }

  accept(end: End): Ear | undefined {
    if (this.config.refuses === "connections") return undefined;
    const connection = new RouterConnection("node");
    connection.end = end;
    this.#connections.push(connection);
    this.#open(connection);
    return this.#ear(connection);
  }

  /** Ends all connections: with a reason, or as if the cable were pulled. */
  drop(reason?: keyof typeof notificationReason): void {
    for (const connection of [...this.#connections])
      this.#close(connection, reason, connection.keeps(reason !== undefined));
  }

  /** A new process, that knows no route; it says that it has restarted. */
  restart(): void {
    this.drop();
    this.rib = new Rib();
    this.#restarting = true;
  }

  /** Asks for all routes again. */
  refresh(): void {
    for (const afi of [1, 2]) this.established?.send(routeRefresh({ afi, safi: 1, subtype: 0 }));
  }

  /** Says something that is no proper message, or is out of place. */
  babble(bytes: Uint8Array): void {
    this.#connections.find(({ end }) => end !== undefined)?.send(bytes);
  }

  #ear(connection: RouterConnection): Ear {
    return {
      connected: () => this.#open(connection),
      bytes: (bytes) => {
        for (const [message, raw] of connection.read(bytes, this.#nowMs)) this.#take(connection, message, raw);
      },
      closed: () => {
        connection.end = undefined;
        this.#forget(connection, connection.keeps(false));
      },
      full: () => {},
      writable: () => {},
    };
  }

  #open(connection: RouterConnection): void {
    connection.ours = this.#ownOpen();
    connection.heardMs = this.#nowMs;
    this.#parts.network.scheduler.silently(0, () => connection.send(encodeOpen(connection.ours ?? this.#ownOpen())));
  }

  #ownOpen(): Open {
    const { asn, holdTimeSeconds, routerId, families, gracefulRestart } = this.config;
    const kept = families.map((family) => ({ family, forwardingKept: true }));
    const restart = { restarting: this.#restarting, restartTimeSeconds: 120, families: kept };
    return {
      kind: "open",
      asn,
      holdTimeSeconds,
      routerId: address(routerId),
      capabilities: {
        ...{
          families,
          routeRefresh: true,
          fourOctetAs: true,
          extendedMessage: true,
          extendedNextHop: false,
          other: [],
        },
        ...(gracefulRestart && { gracefulRestart: { ...restart, ...gracefulRestart } }),
      },
    };
  }

  #take(connection: RouterConnection, message: Message, raw: Uint8Array): void {
    if (message.kind === "open") this.#takeOpen(connection, message);
    else if (message.kind === "keepalive") this.#takeKeepalive(connection);
    else if (message.kind === "notification") this.#takeNotification(connection, message);
    else if (message.kind === "update" && connection.established) this.#takeUpdate(connection, raw);
    else throw new Error(`${this.#parts.router}: ${message.kind} of ${this.#parts.node} is out of place`);
  }

  #takeOpen(connection: RouterConnection, open: Open): void {
    if (this.config.refuses === "opens") {
      this.#close(connection, this.#parts.network.random.pick(refusals), false);
      return;
    }
    connection.theirs = open;
    for (const other of this.#connections.filter((each) => each !== connection && each.theirs !== undefined))
      if (connection.end !== undefined) this.#collide(connection, other, open);
    connection.keepalive();
    this.#keepaliveLater(connection, 1_000 * Math.min(open.holdTimeSeconds, this.config.holdTimeSeconds));
  }

  /** RFC 4271, 6.8; RFC 4724, 4.2. */
  #collide(newer: RouterConnection, older: RouterConnection, { routerId }: Open): void {
    if (older.established && older.keeps(false)) this.#close(older, undefined, true);
    else if (older.established) this.#close(newer, "connectionCollision", false);
    else this.#close(this.#loser(newer, older, routerId), "connectionCollision", false);
  }

  #loser(newer: RouterConnection, older: RouterConnection, nodeId: Open["routerId"]): RouterConnection {
    const stays = address(this.config.routerId).value > nodeId.value ? "router" : "node";
    return older.initiator === newer.initiator || newer.initiator === stays ? older : newer;
  }

  #takeKeepalive(connection: RouterConnection): void {
    if (connection.theirs === undefined || connection.established) return;
    if (this.established !== undefined) throw new Error(`${this.#parts.node}: accepts two connections`);
    connection.established = true;
    this.#sinceMs = this.#nowMs;
    this.#restarting = false;
    const kept = connection.theirs.capabilities.gracefulRestart?.families.map(({ family }) => family) ?? [];
    for (const family of [4, 6] as const)
      if (!kept.includes(family) || !this.families.includes(family)) this.rib.dropStale(family);
  }

  #takeNotification(connection: RouterConnection, { code, subcode }: Notification): void {
    const hardReset = code === 6 && subcode === 9;
    this.#close(connection, undefined, !hardReset && connection.keeps(true));
  }

  #takeUpdate(connection: RouterConnection, raw: Uint8Array): void {
    for (const route of this.rib.take(raw, connection.theirs?.capabilities.fourOctetAs ? 4 : 2))
      this.#parts.heard(route, this.#sinceMs);
    if (this.rib.size > this.config.mostPrefixes) this.#close(connection, "tooManyPrefixes", false);
  }

  #close(connection: RouterConnection, reason: keyof typeof notificationReason | undefined, keeps: boolean): void {
    connection.close(reason);
    this.#forget(connection, keeps);
  }

  #forget(connection: RouterConnection, keeps: boolean): void {
    this.#connections = this.#connections.filter((each) => each !== connection);
    if (!connection.established) return;
    connection.established = false;
    this.rib.lose(keeps);
    const restartMs = 1_000 * (connection.theirs?.capabilities.gracefulRestart?.restartTimeSeconds ?? 0);
    const loss = ++this.#losses;
    this.#parts.network.scheduler.silently(restartMs, () => {
      if (loss !== this.#losses || this.established !== undefined) return;
      for (const family of [4, 6] as const) this.rib.dropStale(family);
    });
  }

  #dialLater(everyMs: number): void {
    const { network, router, node } = this.#parts;
    network.scheduler.silently(everyMs * (0.75 + network.random.next() / 2), () => {
      if (this.#connections.length === 0 && this.config.refuses !== "connections") {
        const connection = new RouterConnection("router");
        connection.end = network.connect(router, node, this.#ear(connection));
        this.#connections.push(connection);
      }
      this.#dialLater(everyMs);
    });
  }

  /** Says that the router is there, and looks whether the node does, as long as there is the connection. */
  #keepaliveLater(connection: RouterConnection, holdMs: number): void {
    this.#parts.network.scheduler.silently(holdMs / 3, () => {
      if (connection.end === undefined) return;
      connection.keepalive();
      if (this.#nowMs - connection.heardMs >= holdMs)
        this.#close(connection, "holdTimerExpired", connection.keeps(true));
      this.#keepaliveLater(connection, holdMs);
    });
  }

  get #nowMs(): number {
    return this.#parts.network.scheduler.nowMs;
  }
}

/** Why it may not take an OPEN: after one of them Herald tries without capabilities. */
const refusals = ["connectionRejected", "unsupportedParameter", "badPeerAs", "unsupportedCapability"] as const;

function spoken(open: Open | undefined): readonly Family[] {
  const families = open?.capabilities.families ?? [];
  return families.length > 0 ? families : [4];
}
