import assert from "node:assert/strict";
import { type Address, parseAddress } from "../../../../src/net/address.ts";
import { type Prefix, parsePrefix } from "../../../../src/net/prefix.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeKeepalive, encodeNotification, encodeOpen } from "../../../../src/protocols/bgp/encode-message.ts";
import type { Capabilities, GracefulRestart, Message, Open } from "../../../../src/protocols/bgp/message.ts";
import { MessageSplitter } from "../../../../src/protocols/bgp/message-splitter.ts";
import {
  type Endpoints,
  type RouteAttributes,
  Session,
  type SessionNews,
  type SessionOptions,
  type SessionSettings,
  type WantedRoute,
} from "../../../../src/protocols/bgp/session.ts";

/** An address that must be one. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

/** A prefix that must be one. */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

export const plain: RouteAttributes = { prepend: 0, communities: [], largeCommunities: [] };

/** A route to a prefix. */
export function route(text: string, attributes: RouteAttributes = plain): WantedRoute {
  return { prefix: prefix(text), attributes };
}

/** eBGP from AS 64512 to AS 64500, hold time 90 s, both families. */
export function settings(values: Partial<SessionSettings> = {}): SessionSettings {
  return {
    localAsn: 64_512,
    peerAsn: 64_500,
    routerId: address("10.0.0.1"),
    holdTimeSeconds: 90,
    keepaliveSeconds: 30,
    connectRetrySeconds: 5,
    passive: false,
    families: [4, 6],
    required: [],
    ...values,
  };
}

/** A connection over IPv4 of a node that also has an IPv6 address. */
export const endpoints: Endpoints = {
  transport: 4,
  nextHops: {
    4: { address: address("192.0.2.1") },
    6: { address: address("2001:db8::1"), linkLocal: address("fe80::1") },
  },
};

/** The graceful restart of a peer with the N bit. */
export const peerRestarts: GracefulRestart = {
  restarting: false,
  notification: true,
  restartTimeSeconds: 120,
  families: [{ family: 4, forwardingKept: true }],
};

export const peerCapabilities: Capabilities = {
  families: [4, 6],
  routeRefresh: true,
  fourOctetAs: true,
  extendedMessage: false,
  extendedNextHop: false,
  other: [],
};

/** The OPEN of the peer of those settings. */
export function peerOpen(values: Partial<Open> = {}, capabilities: Partial<Capabilities> = {}): Uint8Array {
  return encodeOpen({
    kind: "open",
    asn: 64_500,
    holdTimeSeconds: 90,
    routerId: address("10.0.0.2"),
    capabilities: { ...peerCapabilities, ...capabilities },
    ...values,
  });
}

export const keepalive = encodeKeepalive();

/** A NOTIFICATION of the peer. */
export function notification(code: number, subcode: number, data: readonly number[] = []): Uint8Array {
  return encodeNotification({ kind: "notification", code, subcode, data: Uint8Array.from(data) });
}

/** How a connection ended, or that it has not. */
type Link = {
  state: "asked" | "up" | "closed" | "lost";
  readonly messages: Message[];
  /** The UPDATEs among them, as bytes. */
  readonly updates: Uint8Array[];
  readonly splitter: MessageSplitter;
};

/** One session over a transport that a test plays: it proves that nothing is sent over a connection which is not there. */
export class Rig {
  nowMs = 1_000;
  readonly session: Session;
  readonly links = new Map<number, Link>();
  readonly news: SessionNews[] = [];

  constructor(options: Partial<SessionOptions> = {}) {
    this.session = new Session({ settings: settings(), random: () => 0, ...options }, this.nowMs);
  }

  get state(): string {
    return this.session.describe(this.nowMs).state;
  }

  /** The number of the newest connection. */
  get last(): number {
    return Math.max(0, ...this.links.keys());
  }

  /** Carries out what the session asks for. */
  settle(): void {
    for (const command of this.session.takeCommands()) {
      const link = this.links.get(command.connection);
      if (command.kind === "connect") this.#add(command.connection, "asked");
      else if (command.kind === "write") this.#write(link, command.bytes);
      else this.#end(link);
    }
    this.news.push(...this.session.takeNews());
  }

  start(): this {
    this.session.start(this.nowMs);
    this.settle();
    return this;
  }

  connected(connection = this.last, ends: Endpoints = endpoints): this {
    this.link(connection).state = "up";
    this.session.connected(connection, ends, this.nowMs);
    this.settle();
    return this;
  }

  /** The peer begins a connection; its number, or why it is refused. */
  offer(ends: Endpoints = endpoints): number | string {
    const offer = this.session.offered(ends, this.nowMs);
    if ("refused" in offer) return offer.refused;
    this.#add(offer.connection, "up");
    this.settle();
    return offer.connection;
  }

  receive(bytes: Uint8Array, connection = this.last): this {
    this.session.received(connection, bytes, this.nowMs);
    this.settle();
    return this;
  }

  lose(connection = this.last, why = "connection reset"): this {
    this.link(connection).state = "lost";
    this.session.closed(connection, why, this.nowMs);
    this.settle();
    return this;
  }

  /** From the start to Established over a connection of our own. */
  establish(open = peerOpen(), ends = endpoints): this {
    return this.start().connected(this.last, ends).receive(open).receive(keepalive).flush();
  }

  /** One tick, now. */
  flush(): this {
    this.session.tick(this.nowMs);
    this.settle();
    return this;
  }

  /** Lets time go by; every tick comes when the session asked for it. */
  advance(ms: number): this {
    const endMs = this.nowMs + ms;
    for (let atMs = this.session.wakeAtMs(); atMs <= endMs; atMs = this.session.wakeAtMs()) {
      this.nowMs = Math.max(this.nowMs, atMs);
      this.flush();
    }
    this.nowMs = endMs;
    return this;
  }

  /** What was sent over a connection, taken. */
  sent(connection = this.last): readonly Message[] {
    return this.link(connection).messages.splice(0);
  }

  /** The kinds of what was sent over a connection, taken. */
  kinds(connection = this.last): readonly string[] {
    return this.sent(connection).map((message) =>
      message.kind === "notification" ? `notification ${message.code}/${message.subcode}` : message.kind,
    );
  }

  /** The UPDATEs that were sent over a connection, as bytes, taken. */
  updates(connection = this.last): readonly Uint8Array[] {
    return this.link(connection).updates.splice(0);
  }

  link(connection: number): Link {
    const link = this.links.get(connection);
    assert.ok(link !== undefined, `no connection ${connection}`);
    return link;
  }

  #add(connection: number, state: Link["state"]): void {
    assert.ok(!this.links.has(connection), "a number is used twice");
    this.links.set(connection, { state, messages: [], updates: [], splitter: new MessageSplitter() });
  }

  #write(link: Link | undefined, bytes: Uint8Array): void {
    assert.ok(link?.state === "up", "writes to a connection that is not there");
    link.splitter.push(bytes);
    for (let raw = link.splitter.next(); raw !== undefined; raw = link.splitter.next()) {
      const message = decodeMessage(raw, { ...negotiatedByAll });
      link.messages.push(message);
      if (message.kind === "update") link.updates.push(raw);
    }
  }

  #end(link: Link | undefined): void {
    assert.ok(link?.state === "up" || link?.state === "asked", "closes a connection that is not there");
    link.state = "closed";
  }
}

const negotiatedByAll = {
  internal: false,
  families: [4, 6],
  routeRefresh: true,
  fourOctetAs: true,
  extendedMessage: true,
  extendedNextHop: true,
} as const;
