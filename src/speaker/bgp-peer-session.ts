import type { Address } from "../net/address.ts";
import { Session, type SessionNews, type StopReason } from "../protocols/bgp/session.ts";
import type { BfdPaths } from "./bfd-paths.ts";
import { BgpConnections } from "./bgp-connections.ts";
import type { BgpPeerCommand, BgpRoutesCommand, BgpSessionReport } from "./bgp-messages.ts";
import { PathWatch } from "./bgp-path-watch.ts";
import type { BgpPorts, BgpTcp } from "./bgp-ports.ts";
import { reportKey, sessionReport } from "./bgp-report.ts";
import { endpointsOf, hopsOf } from "./bgp-transport.ts";

/** What a peer's session shares with those of other peers. */
export type SessionParts = { readonly ports: BgpPorts; readonly paths: BfdPaths };

const COUNTERS_MS = 10_000;

/** One session with its connections and the watch over its path: it lives until a wish comes that needs another one. */
export class BgpPeerSession {
  #command: BgpPeerCommand;
  readonly #parts: SessionParts;
  readonly #session: Session;
  readonly #connections: BgpConnections;
  readonly #path: PathWatch;
  #serial = 0;
  #settling = false;
  #stopped = false;
  #changed = true;
  #lastError: string | undefined;
  #lastNotification: BgpSessionReport["lastNotification"];
  #reported = "";
  #reportedAbsent: BgpSessionReport["absent"] | undefined;
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(command: BgpPeerCommand, parts: SessionParts) {
    const { ports, paths } = parts;
    this.#command = command;
    this.#parts = parts;
    this.#session = new Session({ settings: command.settings, random: ports.random }, ports.now());
    const act = (work: (nowMs: number) => void): void => this.#act(work);
    this.#connections = new BgpConnections(ports, command, {
      connected: (number, endpoints) => act((nowMs) => this.#session.connected(number, endpoints, nowMs)),
      received: (number, bytes) => act((nowMs) => this.#session.received(number, bytes, nowMs)),
      full: (number) => act((nowMs) => this.#session.full(number, nowMs)),
      writable: (number) => act((nowMs) => this.#session.writable(number, nowMs)),
      closed: (number, why) => act((nowMs) => this.#closed(number, why, nowMs)),
    });
    this.#path = new PathWatch({ ...ports, paths }, (news) => {
      if (news === "lost") act((nowMs) => this.#session.pathDown(nowMs));
      else this.#touch();
    });
  }

  get command(): BgpPeerCommand {
    return this.#command;
  }

  get isEstablished(): boolean {
    return this.#session.describe(this.#parts.ports.now()).state === "Established";
  }

  /** Begins, also again after `stop`; without a peer's address there is nothing to begin. */
  start(): void {
    this.#stopped = false;
    if (this.#command.transport.peer !== undefined) this.#act((nowMs) => this.#session.start(nowMs));
  }

  /** Ends the session and the watch. */
  stop(reason: StopReason): void {
    this.#stopped = true;
    this.#lastError = undefined;
    this.#act((nowMs) => this.#session.stop(reason, nowMs));
    this.#path.stop();
  }

  /** Ends for the end of this process: peers that keep routes over a restart keep them. */
  close(): void {
    const { agreed } = this.#session.describe(this.#parts.ports.now());
    const kept = this.#command.settings.gracefulRestart !== undefined && agreed?.peerRestartTimeSeconds !== undefined;
    this.stop(kept ? { kind: "upgrade" } : { kind: "shutdown", text: "the speaker ends" });
  }

  /** Another password, other BFD or other times, without a new session. */
  adjust(command: BgpPeerCommand): void {
    const before = this.#command;
    this.#command = command;
    this.#session.configure(command.settings);
    if (before.transport.password !== command.transport.password) this.#changePassword(command.transport.password);
    if (JSON.stringify(before.bfd) !== JSON.stringify(command.bfd)) this.#path.configure(command, this.#local());
    this.#touch();
  }

  setRoutes({ routes, serial }: BgpRoutesCommand): void {
    this.#serial = serial;
    this.#act(() => this.#session.setRoutes(routes));
  }

  /** The peer has connected; a connection that is not wanted now is ended without a word. */
  offered(tcp: BgpTcp): void {
    try {
      tcp.setHops(hopsOf(this.#command.transport, this.#command.settings));
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      tcp.stream.on("error", () => {}).destroy();
      return;
    }
    this.#act((nowMs) => {
      const { network, isVirtual } = this.#parts.ports;
      const { device } = this.#command.transport;
      const endpoints = endpointsOf(tcp.local.address, { ...network(), isVirtual, device });
      const offer = this.#session.offered(endpoints, nowMs);
      if ("connection" in offer) this.#connections.add(offer.connection, tcp);
      else tcp.stream.on("error", () => {}).destroy();
    });
  }

  /** This node's addresses and interfaces may be others now: the peer is told of those, and watched from there. */
  networkChanged(): void {
    for (const [connection, endpoints] of this.#connections.endpoints())
      this.#act((nowMs) => this.#session.moved(connection, endpoints, nowMs));
    this.#watchPath();
  }

  /** Why it cannot be Established, found outside of the session. */
  #fail(why: string): void {
    this.#lastError = why;
    this.#touch();
  }

  /** Passive, and the peer cannot connect; or it is not known where the peer is. Undefined: neither. */
  unreachable(why: string | undefined): void {
    const { settings, transport } = this.#command;
    const matters = settings.passive || transport.peer === undefined;
    if (why !== undefined && matters && this.#lastError !== why && !this.#stopped) this.#fail(why);
  }

  /** Does what is due, then says what is new. */
  turn(nowMs: number): void {
    if (nowMs >= this.#session.wakeAtMs()) this.#act(() => this.#session.tick(nowMs));
    if (nowMs >= this.#path.retryAtMs) this.#watchPath();
    const silence = this.#connections.silence(nowMs);
    if (silence !== undefined && silence !== this.#lastError) this.#fail(silence);
    if (this.#changed) this.#report(nowMs);
  }

  wakeAtMs(): number {
    const { now } = this.#parts.ports;
    return Math.min(this.#session.wakeAtMs(), this.#path.retryAtMs, this.#connections.silentAtMs(now()));
  }

  /** Every input goes through here, and what it asks of the transport is done at once. */
  #act(work: (nowMs: number) => void): void {
    const { now } = this.#parts.ports;
    work(now());
    this.#touch();
    // What is found while commands are done is done by the loop that does them.
    if (this.#settling) return;
    this.#settling = true;
    for (let commands = this.#session.takeCommands(); commands.length > 0; commands = this.#session.takeCommands())
      this.#connections.carryOut(commands);
    this.#settling = false;
    for (const news of this.#session.takeNews()) this.#hear(news);
  }

  #touch(): void {
    this.#changed = true;
    this.#parts.ports.wake();
  }

  #closed(connection: number, why: string, nowMs: number): void {
    if (this.#session.describe(nowMs).state !== "Established") this.#lastError = why;
    this.#session.closed(connection, why, nowMs);
  }

  #hear(news: SessionNews): void {
    if (news.kind === "notification") {
      const { direction, text, atMs } = news;
      this.#lastNotification = { direction, text, atMs: atMs + this.#parts.ports.machineOffsetMs };
      if (!this.#stopped) this.#lastError = `NOTIFICATION ${direction}: ${text}`;
    } else if (news.to === "Established") this.#established();
    else if (news.from === "Established" && !this.#stopped) this.#lastError = news.reason;
  }

  #established(): void {
    this.#lastError = undefined;
    this.#path.established();
    this.#watchPath();
  }

  #watchPath(): void {
    this.#path.follow(this.#command, this.#local());
    this.#touch();
  }

  /** This node's address of the Established connection. */
  #local(): Address | undefined {
    const { connections } = this.#session.describe(this.#parts.ports.now());
    const established = connections.find(({ state }) => state === "Established");
    return established && this.#connections.localOf(established.connection);
  }

  #changePassword(password: string | undefined): void {
    try {
      this.#connections.setPassword(password);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #report(nowMs: number): void {
    this.#changed = false;
    const { ports } = this.#parts;
    const report = sessionReport({
      command: this.#command,
      session: this.#session,
      serial: this.#serial,
      lastError: this.#lastError,
      lastNotification: this.#lastNotification,
      bfd: this.#path.report(),
      nowMs,
      machineOffsetMs: ports.machineOffsetMs,
    });
    const key = reportKey(report);
    const isNews = key !== this.#reported || report.absent !== this.#reportedAbsent;
    if (!isNews && nowMs < this.#reportedAtMs + COUNTERS_MS) return;
    this.#reported = key;
    this.#reportedAbsent = report.absent;
    this.#reportedAtMs = nowMs;
    ports.report(report);
  }
}
