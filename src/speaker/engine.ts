import { randomBytes } from "node:crypto";
import { interfacesKey, type NetworkState, networkInterfaces } from "../linux/interfaces.ts";
import { type NetlinkSocket, openNetlink } from "../linux/netlink-socket.ts";
import { type NetworkMonitor, openNetworkMonitor } from "../linux/network-monitor.ts";
import { openBgp } from "./bgp-sockets.ts";
import type { BgpSpeaker } from "./bgp-speaker.ts";
import { createCounters, totals } from "./counters.ts";
import type { GroupPorts, VoteSettings } from "./group-ports.ts";
import { Groups } from "./groups.ts";
import { openHeartbeats } from "./heartbeats.ts";
import type { LanEvent, OnLan } from "./holding-ports.ts";
import { Holdings } from "./holdings.ts";
import { createKernelAddresses, type KernelAddresses } from "./kernel-addresses.ts";
import { createLans, type Lans } from "./lans.ts";
import { type Loopback, openLoopback } from "./loopback.ts";
import { machineMs } from "./machine-clock.ts";
import type { SpeakerCommand, SpeakerReport } from "./messages.ts";
import { nodeKeys } from "./node-keys.ts";
import { PauseWatch } from "./pause-watch.ts";
import { Routers } from "./routers.ts";
import { openStateFolder } from "./state-folder.ts";

/**
 * What the speaker is started with; `stateDir` is this node's own folder, `bgpPort` where BGP peers may connect, absent: nowhere
 * (below 1024 it needs CAP_NET_BIND_SERVICE).
 */
export type SpeakerSettings = VoteSettings & { readonly stateDir: string; readonly bgpPort?: number };

/** What a turn may spend on commands before the sockets are looked at again, so that a burst of them starves no answer. */
const COMMAND_SLICE_MS = 2;
const RETRY_MS = 1_000;
const COUNTERS_MS = 10_000;
/** Half of the time after which an authority ends that nobody renews. */
const LONG_PAUSE_INTERVALS = 2;

/** The speaker inside its thread: sockets and timers around the votes and the holdings. */
export class Engine {
  readonly #report: (report: SpeakerReport) => void;
  readonly #onClosed: () => void;
  readonly #counters = createCounters();
  readonly #netlink: NetlinkSocket;
  readonly #monitor: NetworkMonitor;
  readonly #kernelAddresses: KernelAddresses;
  readonly #lans: Lans;
  readonly #routers: Routers;
  readonly #groups: Groups;
  readonly #holdings: Holdings;
  readonly #bgp: BgpSpeaker;
  readonly #loopback: Loopback;
  readonly #commands: SpeakerCommand[] = [];
  readonly #intervals: readonly NodeJS.Timeout[];
  readonly #pauses: PauseWatch;
  #timer: NodeJS.Timeout | undefined;
  #turnSoon: NodeJS.Immediate | undefined;
  #swept = false;
  #closed = false;
  #left = false;
  #reportedInterfaces = "";
  #reportedCounters = "";

  /**
   * Opens the netlink sockets, reports the public key and the interfaces; `onClosed` is called once a `close` command has
   * withdrawn and closed everything. @throws {SystemCallError} if a socket cannot be opened
   */
  constructor(settings: SpeakerSettings, report: (report: SpeakerReport) => void, onClosed: () => void) {
    this.#report = report;
    this.#onClosed = onClosed;
    this.#pauses = new PauseWatch(LONG_PAUSE_INTERVALS * settings.intervalMs);
    this.#netlink = openNetlink();
    this.#monitor = openNetworkMonitor(
      this.#netlink,
      () => this.#networkChanged(),
      (index) => this.#announceAgain(index),
    );
    this.#kernelAddresses = createKernelAddresses(this.#netlink, this.#monitor.state, "elsewhere");
    this.#loopback = openLoopback(this.#netlink, this.#monitor.state, (message) => this.#trouble("lo", message));
    this.#lans = createLans({
      counters: this.#counters,
      answersFor: (where) => this.#holdings.answersFor(where, performance.now()),
      onEvent: (where, event) => this.#happened(where, event),
    });
    this.#routers = new Routers(this.#monitor.state, this.#lans);
    this.#groups = new Groups(this.#groupPorts(settings));
    const { lanOf } = this.#lans;
    this.#holdings = new Holdings({ lanOf, kernelAddresses: this.#kernelAddresses, votes: this.#groups, report });
    this.#bgp = openBgp({
      port: settings.bgpPort,
      network: () => this.#monitor.state(),
      isVirtual: (address) => this.#kernelAddresses.has(address) || this.#loopback.has(address),
      counters: this.#counters,
      wake: () => this.#wake(),
      report,
      trouble: (message) => this.#trouble("port", message),
    });
    this.#intervals = [
      setInterval(() => this.#everySecond(), RETRY_MS),
      setInterval(() => this.#reportCounters(), COUNTERS_MS),
    ];
    this.#networkChanged();
  }

  /** Queues a command; commands are done soon, and in their order. */
  submit(command: SpeakerCommand): void {
    this.#commands.push(command);
    this.#wake();
  }

  #groupPorts(settings: SpeakerSettings): GroupPorts {
    const report = this.#report;
    const state = openStateFolder(settings.stateDir, (message) => report({ kind: "trouble", about: "state", message }));
    const keys = nodeKeys(state);
    report({ kind: "key", publicKey: keys.publicKey });
    return {
      settings,
      newBoot: () => randomBytes(8).readBigUInt64BE() | 1n,
      state,
      openLink: ({ group, place, onHeartbeat }) =>
        openHeartbeats({
          node: settings.node,
          group,
          keys,
          interfaceName: place.interface,
          address: place.address,
          port: settings.port,
          onHeartbeat,
          counters: this.#counters.heartbeats,
        }),
      gateway: this.#routers,
      now: () => performance.now(),
      wake: () => this.#wake(),
      report,
      holdings: {
        begin: (address, given, nowMs) => this.#holdings.begin(address, given, nowMs),
        end: (address, given, nowMs) => this.#holdings.end(address, given, nowMs),
        quorum: (group, has, nowMs) => this.#holdings.quorum(group, has, nowMs),
        memberBack: (group, nowMs) => this.#holdings.memberBack(group, nowMs),
      },
    };
  }

  #wake(): void {
    if (!this.#closed) this.#turnSoon ??= setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnSoon = undefined;
    this.#tellPause(performance.now());
    this.#obey();
    if (this.#closed) return;
    const nowMs = performance.now();
    this.#bgp.turn();
    this.#groups.turn(nowMs);
    const mayLast = (address: OnLan["address"]): boolean => this.#holdings.lasts(address, nowMs);
    for (const { address, message } of this.#kernelAddresses.refresh(nowMs, mayLast))
      this.#holdings.failed(address, message);
    this.#holdings.tick(nowMs);
    this.#loopback.turn(nowMs);
    this.#lans.flush(nowMs);
    this.#tellLeft(nowMs);
    this.#sleep(nowMs);
    if (this.#commands.length > 0) this.#wake();
  }

  /** A thread that stands still for long loses its addresses: whoever wonders why must be told that it was the machine. */
  #tellPause(nowMs: number): void {
    const pauseMs = this.#pauses.pauseMs(nowMs);
    if (pauseMs === undefined) return;
    this.#report({ kind: "trouble", about: "pause", message: `the speaker's thread stood still for ${pauseMs} ms` });
  }

  #tellLeft(nowMs: number): void {
    if (this.#left || this.#commands.length > 0 || !this.#groups.hasLeft(nowMs)) return;
    this.#left = true;
    this.#report({ kind: "left" });
  }

  #sleep(nowMs: number): void {
    const sources = [this.#groups, this.#holdings, this.#lans, this.#kernelAddresses, this.#bgp, this.#loopback];
    const wakeMs = Math.min(...sources.map((source) => source.wakeAtMs()));
    clearTimeout(this.#timer);
    this.#pauses.due(wakeMs, nowMs);
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    // Through the queue of the event loop: after a pause what has come in is read before anything is taken for lost.
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, Math.ceil(wakeMs - nowMs)));
  }

  #obey(): void {
    const untilMs = performance.now() + COMMAND_SLICE_MS;
    while (!this.#closed && performance.now() < untilMs) {
      const command = this.#commands.shift();
      if (command === undefined) return;
      this.#do(command, performance.now());
    }
  }

  #do(command: SpeakerCommand, nowMs: number): void {
    switch (command.kind) {
      case "announce":
        this.#groups.announce(command);
        this.#holdings.announce(command, nowMs);
        break;
      case "withdraw":
        this.#holdings.withdraw(command.address, command.cause);
        this.#groups.withdraw(command.address);
        break;
      case "leaseRenewed":
        // The clocks of threads begin at different moments and run alike.
        this.#groups.apply({ ...command, atMachineMs: command.atMachineMs - machineMs() + nowMs }, nowMs);
        break;
      case "bgpPeer":
      case "bgpPeerGone":
      case "bgpRoutes":
      case "bgpDrain":
        this.#bgp.apply(command);
        break;
      case "bgpLo":
        this.#loopback.set(command.addresses);
        break;
      case "close":
        this.#close();
        break;
      default:
        this.#groups.apply(command, nowMs);
    }
  }

  #trouble(about: "port" | "lo", message: string): void {
    this.#report({ kind: "bgpTrouble", about, message });
  }

  #happened(where: OnLan, event: LanEvent): void {
    if (event.kind === "claim") this.#groups.heardStation(this.#routers.nameOf(where.lanIndex), where.address);
    // Most that is heard is what the other members announce, and means nothing here.
    if (this.#holdings.happened(where, event, performance.now())) this.#wake();
  }

  #announceAgain(lanIndex: number): void {
    this.#holdings.announceAgain(lanIndex, performance.now());
    this.#wake();
  }

  #networkChanged(): void {
    const state = this.#monitor.state();
    this.#holdings.lost(this.#lans.update(state));
    this.#groups.reconnect(this.#routers.update(state));
    this.#holdings.retry(performance.now());
    this.#loopback.look();
    this.#wake();
    this.#reportInterfaces(state);
  }

  #reportInterfaces(state: NetworkState): void {
    const interfaces = networkInterfaces(state, this.#kernelAddresses.has);
    const key = interfacesKey(interfaces);
    if (key === this.#reportedInterfaces) return;
    this.#reportedInterfaces = key;
    this.#report({ kind: "interfaces", interfaces });
  }

  #everySecond(): void {
    // By now the owner has asked for what it still wants of what a killed predecessor left behind.
    if (!this.#swept) this.#kernelAddresses.sweep();
    this.#swept = true;
    this.#holdings.retry(performance.now());
    this.#loopback.look();
    this.#groups.reconnect(new Set());
    this.#groups.tellStates(performance.now());
    this.#wake();
  }

  #reportCounters(): void {
    const counters = totals({ ...this.#counters, netlinkOverruns: this.#monitor.overruns() });
    const peers = this.#groups.counters();
    const key = JSON.stringify([counters, peers]);
    if (key === this.#reportedCounters) return;
    this.#reportedCounters = key;
    this.#report({ kind: "counters", counters, peers });
  }

  #close(): void {
    this.#closed = true;
    this.#holdings.close();
    this.#groups.close();
    this.#bgp.close();
    this.#reportCounters();
    clearTimeout(this.#timer);
    clearImmediate(this.#turnSoon);
    for (const interval of this.#intervals) clearInterval(interval);
    this.#lans.close();
    this.#monitor.close();
    this.#netlink.close();
    this.#onClosed();
  }
}
