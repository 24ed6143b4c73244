import { Alarm } from "./alarm.ts";
import type { ApiClient, ListQuery, Page } from "./api-client.ts";
import { ApiError, ConnectionError, isExpired, type StatusBody } from "./api-error.ts";
import { backoffMs, heededMs } from "./backoff.ts";
import { type Clock, nextTurn, pause, systemClock } from "./clock.ts";
import { ListRounds } from "./list-rounds.ts";
import type { KubeObject, Live } from "./resource.ts";
import { type Entry, Store, type StoreOptions } from "./store.ts";
import { LineSplitter, type WatchEvent } from "./watch-stream.ts";

/**
 * What to follow. `onChange` only wakes: it is called after the store has changed, once a chunk of events; `onProblem` is told
 * each failure, the reflector goes on by itself; `onConnection` is told when the server is lost (a watch that merely ends and
 * is resumed does not count) and when a watch is open again. `inactivityMs` (90 s; the server sends bookmarks each minute): a watch silent
 * for so long is taken for half-open and opened again.
 */
export type ReflectorOptions<T, Raw extends KubeObject> = StoreOptions<T, Raw> & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly onChange?: () => void;
  readonly onProblem?: (error: Error) => void;
  readonly onConnection?: (connected: boolean) => void;
  readonly clock?: Clock;
  readonly pageSize?: number;
  readonly inactivityMs?: number;
};

/** What a reflector asks of the client. */
export type ListWatch = Pick<ApiClient, "list" | "watch">;

const PAGE_SIZE = 500;
const LIST_TIMEOUT_MS = 60_000;
const INACTIVITY_MS = 90_000;
const WATCH_SECONDS = { min: 240, spread: 240 };
/** A watch that lived so long, or told anything, was good: what ends it next counts as the first failure. */
const GOOD_WATCH_MS = 5_000;
const EVENTS_PER_TURN = 500;

/**
 * Keeps a store equal to the API server's objects of one kind: a paged list, then a watch from its version, resumed from the
 * last version seen. It lists again only when the server says that the version is of no use, never beside a running
 * watch, never gives up, and waits (0.5–30 s, jittered) only before reconnecting after a failure.
 */
export class Reflector<T, Raw extends KubeObject = KubeObject> {
  readonly store: Store<T, Raw>;
  readonly #client: ListWatch;
  readonly #options: ReflectorOptions<T, Raw>;
  readonly #clock: Clock;
  readonly #alarm = new Alarm();
  readonly #rounds = new ListRounds();
  /** Where the next watch begins; undefined = list first. */
  #version: string | undefined;
  #watching: AbortController | undefined;
  #interrupted = false;
  #failures = 0;
  #silentAt: string | undefined;
  #heardMs = Number.NEGATIVE_INFINITY;
  #connected = false;

  constructor(client: ListWatch, options: ReflectorOptions<T, Raw>) {
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.store = new Store(options);
  }

  /** Whether a watch is open, or has just ended in good order. */
  get connected(): boolean {
    return this.#connected;
  }

  /** When the server last answered a list or watch, or told anything in one, bookmarks included: monotonic, in ms. */
  get lastHeardMs(): number {
    return this.#heardMs;
  }

  /** Follows the server until the signal aborts; never rejects. It may be called again once it has ended, and resumes. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#cycle(signal);
      await this.#alarm.wait(this.#clock, waitMs, signal);
    }
    this.#connected = false;
  }

  /** Resolves once the first list is in the store. @throws the signal's reason if it aborts first */
  async synced(signal: AbortSignal): Promise<void> {
    if (!this.store.synced) await this.#rounds.reached(0, signal);
  }

  /** Resolves once a list that began after this call is in the store. @throws the signal's reason if it aborts first */
  async refreshed(signal: AbortSignal): Promise<void> {
    const listed = this.#rounds.reached(this.#rounds.begin(), signal);
    this.#interrupted = this.#watching !== undefined;
    this.#watching?.abort();
    this.#alarm.ring();
    await listed;
  }

  /** One list (if needed) and one watch; the wait in ms before the next. */
  async #cycle(signal: AbortSignal): Promise<number> {
    const resumed = this.#version !== undefined;
    let startedMs = Number.POSITIVE_INFINITY;
    const wasGood = (): boolean => this.#clock.now() - startedMs >= GOOD_WATCH_MS;
    try {
      while (this.#version === undefined || this.#rounds.due) await this.#list(signal);
      startedMs = this.#clock.now();
      await this.#watch(this.#version, signal);
    } catch (error) {
      if (signal.aborted || this.#interrupted) return 0;
      return this.#afterFailure(error, resumed || wasGood());
    }
    if (wasGood()) return 0;
    this.#setConnected(false);
    return this.#backoff();
  }

  /** A version that has expired is listed anew at once, unless it came from a list just now: then the server is not well. */
  #afterFailure(error: unknown, mayListAtOnce: boolean): number {
    this.#setConnected(false);
    this.#options.onProblem?.(this.#explain(error));
    const expired = isExpired(error);
    if (expired) this.#version = undefined;
    if (expired && mayListAtOnce) return 0;
    const askedMs = error instanceof ApiError ? heededMs(error.retryAfterSeconds ?? 0) : 0;
    return Math.max(askedMs, this.#backoff());
  }

  #explain(cause: unknown): Error {
    if (cause instanceof ApiError || cause instanceof ConnectionError) return cause;
    return new Error(`follow ${this.#options.resource.plural}`, { cause });
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#options.onConnection?.(connected);
  }

  #backoff(): number {
    return backoffMs(this.#failures++, this.#clock.random());
  }

  async #list(signal: AbortSignal): Promise<void> {
    const round = this.#rounds.wanted;
    const { entries, version } = await this.#pages(signal, this.#options.pageSize ?? PAGE_SIZE);
    const changed = this.store.replaceAll(entries, BigInt(version));
    this.#version = version;
    this.#rounds.listed(round);
    if (changed) this.#options.onChange?.();
  }

  /** A token that expires between two pages is answered by one list without pages: it cannot expire again. */
  async #pages(signal: AbortSignal, limit?: number): Promise<{ entries: Entry<T>[]; version: string }> {
    const entries: Entry<T>[] = [];
    let page = await this.#page({ limit }, signal);
    this.#gather(page, entries);
    while (page.continue !== undefined) {
      await nextTurn();
      try {
        page = await this.#page({ limit, continue: page.continue }, signal);
      } catch (error) {
        if (isExpired(error)) return this.#pages(signal);
        throw error;
      }
      this.#gather(page, entries);
    }
    return { entries, version: page.resourceVersion };
  }

  #page(query: ListQuery, signal: AbortSignal): Promise<Page<Raw>> {
    const options = { signal, retries: 0, timeoutMs: LIST_TIMEOUT_MS };
    return this.#client.list(this.#options.resource, { ...this.#scope(), ...query }, options);
  }

  #gather(page: Page<Raw>, entries: Entry<T>[]): void {
    this.#heardMs = this.#clock.now();
    for (const raw of page.items) entries.push(this.store.entry(raw));
  }

  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    this.#watching = stop;
    this.#interrupted = false;
    const follow = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", follow, { once: true });
    const timeoutSeconds = Math.round(WATCH_SECONDS.min + WATCH_SECONDS.spread * this.#clock.random());
    const guard = this.#guardAgainstSilence(stop, this.#clock.now());
    try {
      const query = { ...this.#scope(), resourceVersion: version, timeoutSeconds };
      const chunks = await this.#client.watch(this.#options.resource, query, stop.signal);
      this.#heardMs = this.#clock.now();
      this.#setConnected(true);
      await this.#follow(chunks);
    } finally {
      this.#watching = undefined;
      signal.removeEventListener("abort", follow);
      stop.abort();
      await guard;
    }
  }

  async #follow(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const lines = new LineSplitter();
    let events = 0;
    for await (const chunk of chunks) {
      this.#heardMs = this.#clock.now();
      const complete = lines.push(chunk);
      let changed = false;
      try {
        for (const line of complete) changed = this.#take(line) || changed;
      } finally {
        if (changed) this.#options.onChange?.();
      }
      events += complete.length;
      if (events < EVENTS_PER_TURN) continue;
      events = 0;
      await nextTurn();
    }
  }

  /** True if the event changed the store. */
  #take(line: string): boolean {
    const { type, object } = JSON.parse(line) as WatchEvent<Live<Raw>>;
    if (type === "ERROR") {
      const status = object as StatusBody;
      throw new ApiError(`watch ${this.#options.resource.plural}`, status.code ?? 500, status);
    }
    const changed = this.#apply(type, object);
    this.#version = object.metadata.resourceVersion;
    this.#failures = 0;
    return changed;
  }

  #apply(type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK", object: Live<Raw>): boolean {
    switch (type) {
      case "ADDED":
      case "MODIFIED":
        return this.store.accept(object);
      case "DELETED":
        return this.store.drop(object);
      case "BOOKMARK":
        this.#advance(object.metadata.resourceVersion);
        return false;
    }
  }

  /** A bookmark from the past comes from a server whose history is not the one that we followed. */
  #advance(version: string): void {
    if (this.store.advance(BigInt(version))) return;
    const message = `bookmark ${version} is older than what was seen`;
    throw new ApiError(`watch ${this.#options.resource.plural}`, 410, { reason: "Expired", message });
  }

  async #guardAgainstSilence(stop: AbortController, openedMs: number): Promise<void> {
    const limitMs = this.#options.inactivityMs ?? INACTIVITY_MS;
    while (!stop.signal.aborted) {
      const leftMs = Math.max(this.#heardMs, openedMs) + limitMs - this.#clock.now();
      if (leftMs > 0) await pause(this.#clock, leftMs, stop.signal);
      else stop.abort(this.#silence());
    }
  }

  /**
   * Once it is taken for a half-open socket. Twice at one version, without even a bookmark: the server does not know that
   * version yet, and would stay silent until its restored history has come so far.
   */
  #silence(): Error {
    const operation = `watch ${this.#options.resource.plural}`;
    if (this.#silentAt !== this.#version) {
      this.#silentAt = this.#version;
      return new ConnectionError(`${operation}: silent`);
    }
    this.#silentAt = undefined;
    return new ApiError(operation, 410, { reason: "Expired", message: "silent again at the same version" });
  }

  #scope(): Pick<ReflectorOptions<T, Raw>, "namespace" | "labelSelector" | "fieldSelector"> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }
}
