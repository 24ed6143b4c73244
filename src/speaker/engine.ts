import { interfacesKey, networkInterfaces } from "../linux/interfaces.ts";
import { type NetlinkSocket, openNetlink } from "../linux/netlink-socket.ts";
import { type NetworkMonitor, openNetworkMonitor } from "../linux/network-monitor.ts";
import { createCounters } from "./counters.ts";
import type { LanEvent, OnLan } from "./holding-ports.ts";
import { Holdings } from "./holdings.ts";
import { createKernelAddresses, type KernelAddresses } from "./kernel-addresses.ts";
import { createLans, type Lans } from "./lans.ts";
import type { SpeakerCommand, SpeakerReport } from "./messages.ts";

/** What a turn may spend on commands before the sockets are looked at again, so that a burst of them starves no answer. */
const COMMAND_SLICE_MS = 2;
const RETRY_MS = 1_000;
const COUNTERS_MS = 10_000;

/** The speaker inside its thread: sockets and timers around the holdings. */
export class Engine {
  readonly #report: (report: SpeakerReport) => void;
  readonly #onClosed: () => void;
  readonly #counters = createCounters();
  readonly #netlink: NetlinkSocket;
  readonly #monitor: NetworkMonitor;
  readonly #kernelAddresses: KernelAddresses;
  readonly #lans: Lans;
  readonly #holdings: Holdings;
  readonly #commands: SpeakerCommand[] = [];
  readonly #intervals: readonly NodeJS.Timeout[];
  #timer: NodeJS.Timeout | undefined;
  #turnSoon: NodeJS.Immediate | undefined;
  #swept = false;
  #closed = false;
  #reportedInterfaces = "";
  #reportedCounters = "";

  /**
   * Opens the netlink sockets and reports the interfaces; `onClosed` is called once a `close` command has withdrawn and
   * closed everything. @throws {SystemCallError} if a socket cannot be opened
   */
  constructor(report: (report: SpeakerReport) => void, onClosed: () => void) {
    this.#report = report;
    this.#onClosed = onClosed;
    this.#netlink = openNetlink();
    this.#monitor = openNetworkMonitor(this.#netlink, () => this.#networkChanged());
    this.#kernelAddresses = createKernelAddresses(this.#netlink, this.#monitor.state);
    this.#lans = createLans({
      counters: this.#counters,
      answersFor: (where) => this.#holdings.answersFor(where),
      onEvent: (where, event) => this.#happened(where, event),
    });
    this.#holdings = new Holdings({ lanOf: this.#lans.lanOf, kernelAddresses: this.#kernelAddresses, report });
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

  #wake(): void {
    if (!this.#closed) this.#turnSoon ??= setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnSoon = undefined;
    this.#obey();
    if (this.#closed) return;
    const nowMs = performance.now();
    for (const { address, message } of this.#kernelAddresses.refresh(nowMs)) this.#holdings.failed(address, message);
    this.#holdings.tick(nowMs);
    this.#lans.flush(nowMs);
    const wakeMs = Math.min(this.#holdings.wakeAtMs(), this.#lans.wakeAtMs(), this.#kernelAddresses.wakeAtMs());
    clearTimeout(this.#timer);
    if (wakeMs !== Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(wakeMs - nowMs)));
    if (this.#commands.length > 0) this.#wake();
  }

  #obey(): void {
    const untilMs = performance.now() + COMMAND_SLICE_MS;
    while (!this.#closed && performance.now() < untilMs) {
      const command = this.#commands.shift();
      if (command === undefined) return;
      this.#holdings.apply(command, performance.now());
      if (command.kind === "close") this.#close();
    }
  }

  #happened(where: OnLan, event: LanEvent): void {
    this.#holdings.happened(where, event, performance.now());
    if (event.kind === "claim") this.#wake();
  }

  #networkChanged(): void {
    const state = this.#monitor.state();
    this.#holdings.lost(this.#lans.update(state));
    this.#holdings.retry(performance.now());
    this.#wake();
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
    this.#wake();
  }

  #reportCounters(): void {
    const counters = { ...this.#counters, netlinkOverruns: this.#monitor.overruns() };
    const key = JSON.stringify(counters);
    if (key === this.#reportedCounters) return;
    this.#reportedCounters = key;
    this.#report({ kind: "counters", counters });
  }

  #close(): void {
    this.#closed = true;
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
