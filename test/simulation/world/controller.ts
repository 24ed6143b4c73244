import { controlCluster, type Surroundings, type Wiring } from "../../../src/controller/main.ts";
import type { ControllerMetrics } from "../../../src/controller/metrics.ts";
import type { ControllerOptions } from "../../../src/controller/options.ts";
import { Terms } from "../../../src/controller/terms.ts";
import type { Connection } from "../../../src/kube/connection.ts";
import type { Logger } from "../../../src/runtime/log.ts";
import { controllerPrefix } from "../api/rules.ts";
import { Faults } from "./faults.ts";
import { type Backend, Link } from "./network.ts";
import { Process } from "./process.ts";

/** What a planted bug puts in the place of a part; the whole is otherwise the real controller. */
export type Plant = {
  readonly wiring?: Wiring;
  readonly connection?: (link: Connection) => Connection;
};

/** What the machine of a controller is told and tells. */
export type MachineParts = {
  readonly backend: Backend;
  readonly options: ControllerOptions;
  readonly plant: Plant;
  readonly log: (line: string) => void;
  /** Whether the controllers' own lines are wanted too. */
  readonly verbose: boolean;
  /** It sent what it should know better than to send. */
  readonly onPremature: (fault: string) => void;
  /** A bug threw. */
  readonly onBug: (error: unknown) => void;
};

const silent = (): void => {};

/** One replica's place: a controller that runs there dies and is started again, its wall clock and its network stay. */
export class Machine {
  readonly name: string;
  readonly faults = new Faults();
  readonly #parts: MachineParts;
  #process: Process | undefined;
  #link: Link | undefined;
  #stop = new AbortController();
  #lives = 0;
  #always = false;
  #wallOffsetMs = 0;

  constructor(name: string, parts: MachineParts) {
    this.name = name;
    this.#parts = parts;
  }

  /** Starts a controller if none runs. */
  start(): void {
    if (this.#process?.alive === true) return;
    const { backend, options, plant } = this.#parts;
    const process = new Process(`${this.name}.${++this.#lives}`, backend.scheduler, backend.chances);
    process.wallOffsetMs = this.#wallOffsetMs;
    const by = `${controllerPrefix}${this.name}`;
    const link = new Link(backend, {
      process,
      by,
      faults: this.faults,
      onTrapped: () => this.crash(),
      log: this.#parts.verbose ? (line) => this.#parts.log(`${process.name} ${line}`) : silent,
      onPremature: this.#parts.onPremature,
    });
    const stop = new AbortController();
    this.#process = process;
    this.#link = link;
    this.#stop = stop;
    this.#parts.log(`${process.name} starts`);
    const connection = plant.connection?.(link) ?? link;
    const surroundings = this.#surroundings(process, connection, stop.signal);
    controlCluster(options, { ...surroundings, ...(plant.wiring && { wiring: plant.wiring }) }).then(
      () => {
        process.die();
        if (this.#always) this.start();
      },
      (error: unknown) => this.#parts.onBug(error),
    );
  }

  /** Starts one after so many ms, if none runs by then; a trap that has caught nobody is taken away. */
  startIn(delayMs: number): void {
    this.#parts.backend.scheduler.after(delayMs, () => {
      this.faults.trap = undefined;
      this.start();
    });
  }

  /** From now on one runs here whenever the last one has ended. */
  keepRunning(): void {
    this.#always = true;
    this.start();
  }

  /** It dies at once. */
  crash(): void {
    if (this.#process?.alive !== true) return;
    this.#parts.log(`${this.#process.name} dies`);
    this.#process.die();
    this.#link?.breakWatches();
  }

  /** SIGTERM: it ends what it began. */
  end(): void {
    this.#stop.abort();
  }

  /** SIGSTOP, and SIGCONT after so many ms. */
  stopFor(ms: number): void {
    this.#process?.stopFor(ms);
  }

  /** Its wall clock is wrong by so much from now on. */
  setWallOffset(ms: number): void {
    this.#wallOffsetMs = ms;
    if (this.#process !== undefined) this.#process.wallOffsetMs = ms;
  }

  /** All its watches break. */
  breakWatches(): void {
    this.#link?.breakWatches();
  }

  /** All its watches are told that their history is gone. */
  expireWatches(): void {
    this.#link?.expireWatches();
  }

  #surroundings(process: Process, connection: Connection, signal: AbortSignal): Surroundings {
    return {
      connection,
      clock: process.clock(),
      random: () => process.random(),
      identity: process.name,
      log: this.#parts.verbose ? logOf((line) => this.#parts.log(`${process.name} ${line}`)) : noLog,
      metrics,
      terms: new Terms(),
      signal,
    };
  }
}

const metrics: ControllerMetrics = {
  request: silent,
  planned: silent,
  allocated: silent,
  released: silent,
  refused: silent,
  failed: silent,
};

const noLog = { error: silent, warn: silent, info: silent, debug: silent } as unknown as Logger;

function logOf(tell: (line: string) => void): Logger {
  const line = (fields: object, message: string): void => tell(`${message} ${JSON.stringify(fields, errorText)}`);
  return { error: line, warn: line, info: line, debug: line } as unknown as Logger;
}

function errorText(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.message}${value.cause === undefined ? "" : `: ${value.cause}`}` : value;
}
