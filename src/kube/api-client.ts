import { ApiError, isTransient } from "./api-error.ts";
import { backoffMs, heededMs } from "./backoff.ts";
import { type Clock, pause, type SetTimer, setSystemTimer, systemClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type Exchange, exchange, openStream } from "./exchange.ts";
import {
  apiVersion,
  collectionPath,
  type KubeObject,
  type Live,
  objectKey,
  objectPath,
  type Ref,
  type Resource,
} from "./resource.ts";

/** The verbs as RBAC and the API server's own metrics name them. */
export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/** One request that ended; `code` is the HTTP status, 0 if there was no answer. */
export type RequestRecord = {
  readonly verb: Verb;
  readonly resource: string;
  readonly code: number;
  readonly durationMs: number;
};

/** `timeoutMs` (10 s) covers the whole call, waiting for a connection included; `retries` (3) concerns reads only. */
export type CallOptions = {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly subresource?: "status";
  readonly retries?: number;
};

/** What to list; `limit` is the page size, `continue` the token of the page before. */
export type ListQuery = {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
};

/** One page of a list; `continue` is absent on the last. */
export type Page<T> = {
  readonly items: readonly Live<T>[];
  readonly resourceVersion: string;
  readonly continue: string | undefined;
};

/** What to watch, from which version on, and after how many seconds the server shall end it. */
export type WatchQuery = Omit<ListQuery, "limit" | "continue"> & {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
};

/** A delete that must hit the very object that was meant. */
export type Preconditions = { readonly uid?: string; readonly resourceVersion?: string };

/**
 * What `ApiClient` takes from outside; `setTimer` ends calls that take too long, `onRequest` is called once a request that
 * went out, retries included.
 */
export type ClientOptions = {
  readonly clock?: Clock;
  readonly setTimer?: SetTimer;
  readonly onRequest?: (record: RequestRecord) => void;
};

type Call = {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly ref?: Ref;
  readonly http: Exchange["call"];
};

const TIMEOUT_MS = 10_000;
const WATCH_TIMEOUT_MS = 30_000;
const READ_RETRIES = 3;
const RETRY_BOUNDS = { minMs: 100, maxMs: 5_000 };
const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";

/**
 * Typed calls on any resource. All throw {@link ApiError} when the server says no, {@link ConnectionError} when nothing
 * answers, and the signal's reason when it aborts. Reads are retried; a write is sent once, whatever becomes of it.
 * A write is guarded by putting what was read into it: uid and resourceVersion. 409 Conflict = the object has moved on.
 */
export class ApiClient {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #setTimer: SetTimer;
  readonly #onRequest: (record: RequestRecord) => void;

  constructor(connection: Connection, options: ClientOptions = {}) {
    this.#connection = connection;
    this.#clock = options.clock ?? systemClock;
    this.#setTimer = options.setTimer ?? setSystemTimer;
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** A quorum read. 404 = there is none. */
  async get<T extends KubeObject>(resource: Resource<T>, ref: Ref, options: CallOptions = {}): Promise<Live<T>> {
    const http = { method: "GET", path: objectPath(resource, ref, options.subresource) } as const;
    return (await this.#read({ verb: "get", resource, ref, http }, options)) as Live<T>;
  }

  /** One page, read through quorum. 410 = the continue token has expired: begin again. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    { namespace, ...query }: ListQuery = {},
    options: CallOptions = {},
  ): Promise<Page<T>> {
    const http = { method: "GET", path: collectionPath(resource, namespace) + queryText(query) } as const;
    const { items, metadata } = (await this.#read({ verb: "list", resource, http }, options)) as ListBody<T>;
    return { items: items ?? [], resourceVersion: metadata.resourceVersion, continue: metadata.continue || undefined };
  }

  /**
   * The bytes of a watch: one JSON event a line, until the server ends it or the signal aborts. The answer's headers have
   * 30 s to come, what follows has no limit. 410 = `resourceVersion` is too old, list again.
   */
  async watch(resource: Resource, query: WatchQuery, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { namespace, ...rest } = query;
    const text = queryText({ watch: "true", allowWatchBookmarks: "true", ...rest });
    const http = { method: "GET", path: collectionPath(resource, namespace) + text } as const;
    return openStream(this.#exchange({ verb: "watch", resource, http }, WATCH_TIMEOUT_MS), signal);
  }

  /** 409 AlreadyExists = the name is taken: read what is there. */
  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions = {}): Promise<Live<T>> {
    const ref = refOf(object);
    const http = {
      method: "POST",
      path: collectionPath(resource, ref.namespace),
      ...json(typed(resource, object)),
    } as const;
    return (await this.#write({ verb: "create", resource, ref, http }, options)) as Live<T>;
  }

  /** PUT. 409 Conflict = `metadata.resourceVersion` or `metadata.uid` is no longer what the server has; 404 = deleted. */
  async replace<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions = {}): Promise<Live<T>> {
    const ref = refOf(object);
    const path = objectPath(resource, ref, options.subresource);
    const http = { method: "PUT", path, ...json(typed(resource, object)) } as const;
    return (await this.#write({ verb: "update", resource, ref, http }, options)) as Live<T>;
  }

  /**
   * JSON merge patch (RFC 7386): null deletes a field, lists are replaced whole. Put `metadata.resourceVersion` into it to
   * guard it: 409 Conflict = the object has moved on, 404 = deleted.
   */
  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    options: CallOptions = {},
  ): Promise<Live<T>> {
    const http = {
      method: "PATCH",
      path: objectPath(resource, ref, options.subresource),
      ...json(patch, MERGE),
    } as const;
    return (await this.#write({ verb: "patch", resource, ref, http }, options)) as Live<T>;
  }

  /** As {@link mergePatch}, but lists with a merge key are merged by it; built-in kinds only (415 for custom resources). */
  async strategicMergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    options: CallOptions = {},
  ): Promise<Live<T>> {
    const path = objectPath(resource, ref, options.subresource);
    const http = { method: "PATCH", path, ...json(patch, STRATEGIC) } as const;
    return (await this.#write({ verb: "patch", resource, ref, http }, options)) as Live<T>;
  }

  /**
   * Gives back undefined once the object is gone, or the object if finalizers still hold it.
   * 404 = was gone already; 409 Conflict = another uid or resourceVersion than `preconditions` say.
   */
  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    preconditions: Preconditions,
    options: CallOptions = {},
  ): Promise<Live<T> | undefined> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions };
    const http = { method: "DELETE", path: objectPath(resource, ref), ...json(body) } as const;
    const answer = (await this.#write({ verb: "delete", resource, ref, http }, options)) as Live<T>;
    return (answer.metadata?.finalizers?.length ?? 0) > 0 ? answer : undefined;
  }

  #write(call: Call, options: CallOptions): Promise<unknown> {
    return exchange(this.#exchange(call, options.timeoutMs ?? TIMEOUT_MS), options.signal);
  }

  async #read(call: Call, options: CallOptions): Promise<unknown> {
    const retries = options.retries ?? READ_RETRIES;
    for (let failures = 0; ; failures++) {
      try {
        return await this.#write(call, options);
      } catch (error) {
        if (failures >= retries || !isTransient(error)) throw error;
        await pause(this.#clock, this.#retryMs(error, failures), options.signal ?? new AbortController().signal);
        options.signal?.throwIfAborted();
      }
    }
  }

  #retryMs(error: unknown, failures: number): number {
    const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
    return asked === undefined ? backoffMs(failures, this.#clock.random(), RETRY_BOUNDS) : heededMs(asked);
  }

  #exchange({ verb, resource, ref, http }: Call, timeoutMs: number): Exchange {
    const startedMs = this.#clock.now();
    return {
      connection: this.#connection,
      operation: ref === undefined ? `${verb} ${resource.plural}` : `${verb} ${resource.plural} ${objectKey(ref)}`,
      call: http,
      timeoutMs,
      setTimer: this.#setTimer,
      ended: (code) =>
        this.#onRequest({ verb, resource: resource.plural, code, durationMs: this.#clock.now() - startedMs }),
    };
  }
}

type ListBody<T> = {
  readonly items: readonly Live<T>[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
};

function json(body: unknown, contentType = "application/json"): { contentType: string; body: string } {
  return { contentType, body: JSON.stringify(body) };
}

function typed(resource: Resource, object: KubeObject): KubeObject {
  return { apiVersion: apiVersion(resource), kind: resource.kind, ...object };
}

function refOf({ metadata }: KubeObject): Ref {
  return { namespace: metadata?.namespace, name: metadata?.name ?? "" };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
