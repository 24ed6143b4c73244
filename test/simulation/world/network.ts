import { ConnectionError } from "../../../src/kube/api-error.ts";
import type { Connection, HttpAnswer, HttpCall } from "../../../src/kube/connection.ts";
import { ByteStream } from "../api/byte-stream.ts";
import { type Route, routeOf } from "../api/kinds.ts";
import { keyOf } from "../api/object.ts";
import { ApiRefusal } from "../api/refusal.ts";
import type { Answer, ApiServer, Request } from "../api/server.ts";
import type { Watch, Watches } from "../api/watches.ts";
import type { Chances } from "../chances.ts";
import type { Random } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Faults, Trouble } from "./faults.ts";
import { Knowledge } from "./knowledge.ts";
import type { Process } from "./process.ts";

/** What lies on the other end. */
export type Backend = {
  readonly server: ApiServer;
  readonly watches: Watches;
  readonly scheduler: Scheduler;
  readonly chances: Chances;
};

/** Who calls, and what stands in the way. */
export type Caller = {
  readonly process: Process;
  /** The account. */
  readonly by: string;
  readonly faults: Faults;
  /** The trap has closed: the process is to die now. */
  readonly onTrapped: () => void;
  /** Told of each write's way, for people. */
  readonly log: (line: string) => void;
  /** It sends what it should know better than to send. */
  readonly onPremature: (fault: string) => void;
};

const bookmarkEveryMs = 60_000;
const farewellMs = 2_000;

/** How long one way of a message takes: mostly a few ms, now and then much more. */
function latencyMs(random: Random): number {
  return random.chance(0.97) ? random.between(0.2, 8) : random.between(20, 400);
}

/** The way of one process to the modelled API server; every message of it is an event of the scheduler. */
export class Link implements Connection {
  readonly server = "https://api.test";
  readonly namespace = undefined;
  readonly #backend: Backend;
  readonly #caller: Caller;
  readonly #watches = new Set<Watch>();
  readonly #knowledge = new Knowledge();

  constructor(backend: Backend, caller: Caller) {
    this.#backend = backend;
    this.#caller = caller;
  }

  request(call: HttpCall): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      call.signal.addEventListener("abort", () => reject(call.signal.reason), { once: true });
      if (call.signal.aborted) return reject(call.signal.reason);
      const ends = { ...this.#backend, ...this.#caller, watches: this.#watches, knowledge: this.#knowledge };
      this.#judge(call);
      new Exchange(ends, this.#backend, call).begin(resolve, reject);
    });
  }

  #judge(call: HttpCall): void {
    const { storage } = this.#backend.server;
    const fault = this.#knowledge.fault(call, (path) => {
      const route = routeOf(path);
      const { name = "", namespace } = route ?? {};
      return storage.get(route?.kind.plural ?? "", keyOf({ namespace, name }))?.metadata.uid;
    });
    if (fault !== undefined) this.#caller.onPremature(fault);
  }

  /** Every open watch breaks. */
  breakWatches(): void {
    for (const watch of this.#watches) if (watch.open) watch.fail(new Error("connection reset"));
    this.#watches.clear();
  }

  /** The server tells every open watch that its history is gone. */
  expireWatches(): void {
    for (const watch of this.#watches) if (watch.open) this.#caller.process.run(() => watch.expire());
    this.#watches.clear();
  }

  close(): Promise<void> {
    this.breakWatches();
    return Promise.resolve();
  }
}

type Ends = Omit<Backend, "watches"> & Caller & { readonly watches: Set<Watch>; readonly knowledge: Knowledge };

/** One request on its way there and back. */
class Exchange {
  readonly #ends: Ends;
  readonly #backend: Backend;
  readonly #call: HttpCall;
  readonly #trouble: Trouble | undefined;
  readonly #random: Random;
  #resolve: (answer: HttpAnswer) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(ends: Ends, backend: Backend, call: HttpCall) {
    this.#ends = ends;
    this.#backend = backend;
    this.#call = call;
    this.#random = ends.chances.of(`${ends.by} ${call.method} ${call.path}`);
    this.#trouble = ends.faults.trouble(ends.scheduler.nowMs, this.#random);
  }

  begin(resolve: (answer: HttpAnswer) => void, reject: (error: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    const slowMs = this.#trouble === "slow" ? this.#random.between(300, 6_000) : 0;
    this.#ends.scheduler.silently(latencyMs(this.#random) + slowMs, () => this.#arrive());
  }

  #arrive(): void {
    const { faults, scheduler } = this.#ends;
    if (faults.cutUntilMs > scheduler.nowMs || this.#trouble === "dropped") this.#break();
    else if (this.#trouble === "429" || this.#trouble === "500" || this.#trouble === "503")
      this.#answer(refusalOf(this.#trouble), "2");
    else if (!this.#closesTrap()) this.#serve();
  }

  #serve(): void {
    const route = this.#call.stream === true ? routeOf(this.#call.path) : undefined;
    if (route !== undefined) this.#openWatch(route);
    else if (this.#trouble === "lost") {
      this.#backend.server.answer(this.#request());
      this.#break();
    } else this.#answer(this.#backend.server.answer(this.#request()));
  }

  /** A process that dies before its write never sent it. */
  #closesTrap(): boolean {
    const { faults, onTrapped, process } = this.#ends;
    const { trap } = faults;
    if (trap === undefined || !isWrite(this.#call) || !process.alive) return false;
    faults.trap = trap.writes > 0 ? { ...trap, writes: trap.writes - 1 } : undefined;
    if (trap.writes > 0) return false;
    if (trap.committed) this.#backend.server.answer(this.#request());
    onTrapped();
    return true;
  }

  #request(): Request {
    const { method, path, contentType, body } = this.#call;
    return { method, path, contentType, body, by: this.#ends.by };
  }

  #told(what: string): void {
    const { method, path } = this.#call;
    if (method !== "GET" && !path.includes("/leases")) this.#ends.log(`${method} ${path}: ${what}`);
  }

  #answer({ status, text }: Answer, retryAfter?: string): void {
    this.#told(String(status));
    const stream = { [Symbol.asyncIterator]: () => bytes(text), text: () => Promise.resolve(text) };
    this.#back(() => {
      if (status < 300 && !this.#call.signal.aborted) this.#ends.knowledge.answered(this.#call, text);
      this.#resolve({ status, retryAfter, body: stream });
    });
  }

  #break(): void {
    const { method, path } = this.#call;
    this.#told("no answer");
    this.#back(() => this.#reject(new ConnectionError(`${method} ${path}: connection reset`)));
  }

  #back(arrive: () => void): void {
    const { scheduler, process } = this.#ends;
    scheduler.after(latencyMs(this.#random), () => process.run(arrive));
  }

  #openWatch(route: Route): void {
    const stream = new ByteStream();
    const { watches, scheduler } = this.#ends;
    const carrier = { pending: (watch: Watch) => this.#carry(watch) };
    try {
      const watch = this.#backend.watches.open(route, stream, carrier);
      watches.add(watch);
      const { signal } = this.#call;
      signal.addEventListener("abort", () => watch.fail(signal.reason), { once: true });
      if (signal.aborted) watch.fail(signal.reason);
      const seconds = Number(route.query.get("timeoutSeconds") ?? 300);
      scheduler.after(seconds * 1000 - farewellMs, () => this.#ends.process.run(() => this.#farewell(watch)));
      this.#bookmark(watch);
      this.#back(() => this.#resolve({ status: 200, retryAfter: undefined, body: stream }));
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      this.#answer({ status: error.code, text: JSON.stringify(error.body()) });
    }
  }

  readonly #carried = new WeakSet<Watch>();

  /** What comes while something is on its way travels with it. */
  #carry(watch: Watch): void {
    if (this.#carried.has(watch)) return;
    this.#carried.add(watch);
    const { scheduler, process, faults, chances, by } = this.#ends;
    const delayMs =
      latencyMs(chances.of(`${by} watches ${watch.plural}`)) + faults.lagMs(watch.plural, scheduler.nowMs);
    scheduler.after(delayMs, () =>
      process.run(() => {
        this.#carried.delete(watch);
        watch.flush();
      }),
    );
  }

  /** Shortly before its time is over a watch is told how far it has come. */
  #farewell(watch: Watch): void {
    if (watch.open) watch.bookmark(this.#backend.server.storage.version);
    this.#ends.scheduler.after(farewellMs, () => this.#ends.process.run(() => watch.end()));
  }

  #bookmark(watch: Watch): void {
    this.#ends.scheduler.silently(bookmarkEveryMs, () => {
      if (!watch.open || !this.#ends.process.alive) return;
      watch.bookmark(this.#backend.server.storage.version);
      this.#bookmark(watch);
    });
  }
}

/** Events and Leases say nothing about addresses: between two of them is no place to die. */
function isWrite({ method, path }: HttpCall): boolean {
  return method !== "GET" && !path.includes("/events") && !path.includes("/leases");
}

function refusalOf(code: "429" | "500" | "503"): Answer {
  const reasons = { "429": "TooManyRequests", "500": "InternalError", "503": "ServiceUnavailable" } as const;
  const refusal = new ApiRefusal(Number(code), reasons[code], "the server is not well");
  return { status: refusal.code, text: JSON.stringify(refusal.body()) };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
