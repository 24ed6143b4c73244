import type { NetworkState } from "../linux/interfaces.ts";
import { sameAddress } from "../net/address.ts";
import { isLinkLocal } from "../net/link-local.ts";
import { BfdPaths } from "./bfd-paths.ts";
import { BgpListeners, type Caller } from "./bgp-listeners.ts";
import type { BgpCommand, BgpPeerCommand, BgpRoutesCommand, BgpTransport } from "./bgp-messages.ts";
import { BgpPeerSession } from "./bgp-peer-session.ts";
import type { BgpPorts, BgpTcp } from "./bgp-ports.ts";
import { BgpRouters } from "./bgp-routers.ts";
import { vrfOf } from "./bgp-transport.ts";

/** All BGP sessions of this node, the port on which their peers connect, and the watch over their paths. */
export class BgpSpeaker {
  readonly #ports: BgpPorts;
  readonly #paths: BfdPaths;
  readonly #listeners: BgpListeners;
  readonly #routers: BgpRouters;
  /** The wishes for unnumbered sessions, as they came. */
  readonly #unnumbered = new Map<string, BgpPeerCommand>();
  readonly #sessions = new Map<string, BgpPeerSession>();
  readonly #routes = new Map<string, BgpRoutesCommand>();
  #network: NetworkState | undefined;
  #trouble = "";

  constructor(ports: BgpPorts) {
    this.#ports = ports;
    this.#paths = new BfdPaths(ports.bfd);
    this.#listeners = new BgpListeners(ports, (connection, vrf) => this.#accept(connection, vrf));
    const { malformed, sendFailed } = ports.bfd;
    const routerPorts = { ...ports, openSocket: ports.openRouterSocket, malformed, sendFailed };
    this.#routers = new BgpRouters(routerPorts, (name) => this.#hasEstablishedOn(name));
  }

  /** Does what a command asks. */
  apply(command: BgpCommand): void {
    switch (command.kind) {
      case "bgpPeer":
        this.#wish(command);
        break;
      case "bgpPeerGone":
        this.#unnumbered.delete(command.name);
        this.#wantRouters();
        this.#sessions.get(command.name)?.stop({ kind: "deconfigured" });
        this.#sessions.delete(command.name);
        this.#routes.delete(command.name);
        this.#setCallers();
        break;
      case "bgpRoutes":
        this.#routes.set(command.name, command);
        this.#sessions.get(command.name)?.setRoutes(command);
        break;
      case "bgpDrain":
        this.#unnumbered.clear();
        this.#wantRouters();
        for (const session of this.#sessions.values()) session.stop({ kind: "shutdown", text: command.text });
        break;
    }
    this.#ports.wake();
  }

  /** Does everything that is due; what has come in must have been read. */
  turn(): void {
    this.#paths.turn();
    this.#followNetwork();
    const nowMs = this.#ports.now();
    this.#listeners.turn(nowMs);
    this.#tellTrouble();
    this.#routers.turn();
    for (const command of this.#unnumbered.values()) this.#follow(command);
    for (const session of this.#sessions.values()) {
      session.unreachable(this.#callProblem(session.command));
      session.turn(nowMs);
    }
  }

  /** When `turn` has more to do; Infinity for never. */
  wakeAtMs(): number {
    const sessions = [...this.#sessions.values()].map((session) => session.wakeAtMs());
    return Math.min(this.#paths.wakeAtMs(), this.#listeners.wakeAtMs(), this.#routers.wakeAtMs(), ...sessions);
  }

  /** Ends everything; connections have ended a second later. Peers that restart gracefully keep the routes. */
  close(): void {
    this.#listeners.close();
    this.#routers.close();
    this.#unnumbered.clear();
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    this.#paths.close();
  }

  #followNetwork(): void {
    const network = this.#ports.network();
    if (network === this.#network) return;
    this.#network = network;
    this.#listeners.networkChanged();
    for (const session of this.#sessions.values()) session.networkChanged();
  }

  #tellTrouble(): void {
    const trouble = this.#listeners.problems();
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#ports.trouble(trouble);
  }

  #wish(command: BgpPeerCommand): void {
    if (command.transport.interface === undefined) this.#unnumbered.delete(command.name);
    else this.#unnumbered.set(command.name, command);
    this.#wantRouters();
    this.#carryOut(this.#resolved(command));
  }

  #wantRouters(): void {
    const names = [...this.#unnumbered.values()].flatMap(({ transport }) => transport.interface ?? []);
    this.#routers.want(new Set(names));
  }

  /** With the address of the router on its interface: the one found, else the one that the session had. */
  #resolved(command: BgpPeerCommand): BgpPeerCommand {
    const { interface: device, ...transport } = command.transport;
    if (device === undefined) return command;
    const found = this.#routers.find(device);
    const before = this.#sessions.get(command.name)?.command.transport;
    const peer = "router" in found ? found.router : before?.device === device ? before.peer : undefined;
    return peer === undefined ? command : { ...command, transport: { ...transport, peer, device } };
  }

  /** An unnumbered session begins, or begins anew, when its router is found, or another one. */
  #follow(command: BgpPeerCommand): void {
    const known = this.#sessions.get(command.name);
    const resolved = this.#resolved(command);
    if (known !== undefined && sessionKey(known.command) !== sessionKey(resolved)) this.#carryOut(resolved);
  }

  #hasEstablishedOn(name: string): boolean {
    const on = [...this.#unnumbered.values()].filter(({ transport }) => transport.interface === name);
    return on.some((command) => this.#sessions.get(command.name)?.isEstablished === true);
  }

  #carryOut(command: BgpPeerCommand): void {
    const known = this.#sessions.get(command.name);
    if (known !== undefined && sessionKey(known.command) === sessionKey(command)) {
      known.adjust(command);
      known.start();
    } else {
      known?.stop({ kind: samePlace(known.command, command) ? "configuration" : "deconfigured" });
      const session = new BgpPeerSession(command, { ports: this.#ports, paths: this.#paths });
      this.#sessions.set(command.name, session);
      const routes = this.#routes.get(command.name);
      if (routes !== undefined) session.setRoutes(routes);
      session.start();
    }
    this.#setCallers();
  }

  #setCallers(): void {
    this.#listeners.setCallers([...this.#sessions.values()].flatMap(({ command }) => callerOf(command)));
  }

  #callProblem({ transport }: BgpPeerCommand): string | undefined {
    const { peer, interface: device = "" } = transport;
    if (peer !== undefined) return this.#listeners.problem({ family: peer.family, vrf: vrfOf(transport) });
    const found = this.#routers.find(device);
    return "problem" in found ? found.problem : undefined;
  }

  /**
   * A connection comes from any port of its router: of sessions with several routers at one address it is for one that does not stand.
   */
  #accept(tcp: BgpTcp, vrf: string | undefined): void {
    const sessions = [...this.#sessions.values()].filter(({ command }) => mayBeOf(command.transport, tcp, vrf));
    const session = sessions.find(({ isEstablished }) => !isEstablished) ?? sessions[0];
    if (session === undefined) tcp.stream.on("error", () => {}).destroy();
    else session.offered(tcp);
  }
}

/** Whether a connection that came in a VRF is between the ends of a session, as far as is known before an OPEN. */
function mayBeOf(transport: BgpTransport, tcp: BgpTcp, vrf: string | undefined): boolean {
  const { peer, source } = transport;
  const isFrom = peer !== undefined && sameAddress(peer, tcp.peer.address) && isOn(tcp, transport);
  const isTo = source === undefined || sameAddress(source, tcp.local.address);
  return isFrom && isTo && vrfOf(transport) === vrf;
}

/** Routers may have the same link-local address on many links. */
function isOn({ device, peer }: BgpTcp, transport: BgpTransport): boolean {
  return device === undefined || !isLinkLocal(peer.address) || device === transport.device;
}

/** Of several sessions with one address the last password counts for all that connect from there: the kernel asks no more. */
function callerOf({ transport }: BgpPeerCommand): readonly Caller[] {
  const { peer, password } = transport;
  return peer === undefined ? [] : [{ address: peer, password, vrf: vrfOf(transport) }];
}

/** What a session cannot change while it lives. */
function sessionKey({ settings, transport }: BgpPeerCommand): string {
  const { keepaliveSeconds: _, connectRetrySeconds: __, ...lasting } = settings;
  const { password: ___, ...way } = transport;
  return textOf([lasting, way]);
}

/** Whether a router takes both for the same neighbour, so that it may keep the routes of the one for the other. */
function samePlace(a: BgpPeerCommand, b: BgpPeerCommand): boolean {
  return placeKey(a) === placeKey(b);
}

function placeKey({ transport: { peer, interface: link, port, source, device } }: BgpPeerCommand): string {
  return textOf([peer, link, port, source, device]);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}` : each));
}
