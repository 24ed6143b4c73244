import { readFileSync } from "node:fs";
import { Agent, request } from "undici";

/** Where an API server is and who calls it. */
export type Access = { readonly url: string; readonly caFile: string; readonly token: string };

/** The least of a Kubernetes object that the lab reads. */
export type KubeObject = {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
};
export type WatchEvent<T> = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T };

/** The API server answered with an error; `status` is the HTTP code. */
export class ApiError extends Error {
  readonly status: number;
  constructor(call: string, status: number, message: string) {
    super(`${call}: ${status}: ${message}`);
    this.status = status;
  }
}

/** A bare client for tests and for the lab itself: JSON in, JSON out, no retries. */
export type ApiClient = {
  /**
   * One call; a PATCH is a merge patch unless the content type says otherwise.
   * @throws {ApiError} on any status from 400
   */
  call<T = unknown>(method: Method, path: string, body?: unknown, contentType?: string): Promise<T>;
  /** The HTTP status of a GET, 0 where no connection is made. */
  status(path: string): Promise<number>;
  /** List, then watch, then list again whenever the watch ends, until the signal; `onList` has the whole truth. */
  follow<T extends KubeObject>(path: string, sink: Sink<T>, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Sink<T> = { onList(items: readonly T[]): void; onEvent(event: WatchEvent<T>): void };

const retryMs = 200;

/** Opens a client; connections are kept alive until `close`. */
export function openApiClient(access: Access): ApiClient {
  const dispatcher = new Agent({
    connect: { ca: readFileSync(access.caFile) },
    bodyTimeout: 0,
    headersTimeout: 60_000,
  });
  const send = (method: Method, path: string, options: SendOptions = {}) =>
    request(access.url + path, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${access.token}`, accept: "application/json", ...options.headers },
      body: options.body ?? null,
      signal: options.signal ?? null,
    });
  const call = async <T>(method: Method, path: string, body?: unknown, contentType?: string): Promise<T> => {
    const type = contentType ?? (method === "PATCH" ? "application/merge-patch+json" : "application/json");
    const options = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": type } };
    const response = await send(method, path, options);
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new ApiError(`${method} ${path}`, response.statusCode, messageOf(text));
    return JSON.parse(text) as T;
  };
  return {
    call,
    status: async (path) => {
      const response = await send("GET", path).catch(() => undefined);
      await response?.body.dump();
      return response?.statusCode ?? 0;
    },
    follow: (path, sink, signal) => follow({ call, send }, path, sink, signal),
    close: () => dispatcher.destroy(),
  };
}

type SendOptions = { headers?: Record<string, string>; body?: string; signal?: AbortSignal };
type Transport = {
  call: ApiClient["call"];
  send(
    method: Method,
    path: string,
    options: SendOptions,
  ): Promise<{ statusCode: number; body: AsyncIterable<Buffer> }>;
};

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

async function follow<T extends KubeObject>(
  transport: Transport,
  path: string,
  sink: Sink<T>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listAndWatch(transport, path, sink, signal);
    } catch {
      // A server that restarts is part of the tests: the next list repairs whatever was missed.
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

async function listAndWatch<T extends KubeObject>(
  { call, send }: Transport,
  path: string,
  sink: Sink<T>,
  signal: AbortSignal,
): Promise<void> {
  const list = await call<{ metadata: { resourceVersion: string }; items: readonly T[] }>("GET", path);
  sink.onList(list.items);
  const query = `watch=1&allowWatchBookmarks=false&resourceVersion=${list.metadata.resourceVersion}`;
  const { body, statusCode } = await send("GET", `${path}?${query}`, { signal });
  if (statusCode !== 200) throw new Error(`watch ${path}: ${statusCode}`);
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as WatchEvent<T> | { readonly type: "ERROR" };
      if (event.type === "ERROR") return;
      sink.onEvent(event);
    }
  }
}
