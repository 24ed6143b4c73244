import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiObject, type Change, Failure, matches, ScriptedStorage } from "./scripted-storage.ts";

/** A small API server of one process: any resource, CRUD, LIST with pages, WATCH with bookmarks, no admission, no RBAC. */
export type ScriptedApi = {
  readonly url: string;
  readonly storage: ScriptedStorage;
  /** Sends every open watch a bookmark. */
  bookmark(): void;
  /** Breaks every connection and refuses new ones until `resume`, which keeps port and objects. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
};

type Target = { readonly collection: string; readonly name: string | undefined; readonly status: boolean };

/** Starts it on a free port of 127.0.0.1, empty. */
export async function startScriptedApi(): Promise<ScriptedApi> {
  const storage = new ScriptedStorage();
  const bookmarks = new Set<() => void>();
  const server = createServer((request, response) => void answer({ storage, bookmarks }, request, response));
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    storage,
    suspend: () => closeServer(server),
    resume: () => listen(port),
    bookmark: () => {
      for (const send of bookmarks) send();
    },
    close: () => closeServer(server),
  };
}

/** Closes a server and all its connections. */
export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

type World = { readonly storage: ScriptedStorage; readonly bookmarks: Set<() => void> };

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://api");
  const target = parseTarget(url.pathname);
  try {
    if (request.method === "GET" && url.searchParams.has("watch")) return startWatch(world, target, url, response);
    const body = await readBody(request);
    const result = respond(world.storage, request.method ?? "GET", { target, url, body });
    send(response, request.method === "POST" ? 201 : 200, result);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    send(response, error.code, {
      kind: "Status",
      status: "Failure",
      code: error.code,
      reason: error.reason,
      message: error.message,
    });
  }
}

type Ask = { readonly target: Target; readonly url: URL; readonly body: ApiObject };

function respond(storage: ScriptedStorage, method: string, { target, url, body }: Ask): unknown {
  const { collection, name, status } = target;
  if (name === undefined) return method === "POST" ? storage.create(collection, body) : list(storage, collection, url);
  switch (method) {
    case "PUT":
      return storage.replace(`${collection}/${name}`, body, status);
    case "PATCH":
      return storage.mergePatch(`${collection}/${name}`, body, status);
    case "DELETE":
      return storage.delete(`${collection}/${name}`, body);
    default:
      return storage.read(`${collection}/${name}`);
  }
}

/** `/api/v1/namespaces/a/services/b/status` → collection `/api/v1/namespaces/a/services`, name `b`, status. */
function parseTarget(path: string): Target {
  const parts = path.split("/").filter((part) => part !== "");
  const root = parts[0] === "api" ? 2 : 3;
  const namespaced = parts[root] === "namespaces" && parts.length > root + 2;
  const end = root + (namespaced ? 3 : 1);
  const collection = `/${parts.slice(0, end).join("/")}`;
  return { collection, name: parts[end], status: parts[end + 1] === "status" };
}

function list(storage: ScriptedStorage, collection: string, url: URL): unknown {
  const [version, offset] = (url.searchParams.get("continue") ?? `${storage.version}:0`).split(":");
  const limit = Number(url.searchParams.get("limit") ?? 0) || Number.POSITIVE_INFINITY;
  const all = storage.list(collection, Number(version)).filter(selected(url));
  const items = all.slice(Number(offset), Number(offset) + limit);
  const end = Number(offset) + items.length;
  const token = end < all.length ? { continue: `${version}:${end}` } : {};
  return { kind: "List", metadata: { resourceVersion: version, ...token }, items };
}

function selected(url: URL): (object: ApiObject) => boolean {
  const [label, value] = (url.searchParams.get("labelSelector") ?? "").split("=");
  return (object) => label === "" || label === undefined || object.metadata?.labels?.[label] === value;
}

function startWatch({ storage, bookmarks }: World, target: Target, url: URL, response: ServerResponse): void {
  const from = Number(url.searchParams.get("resourceVersion") ?? 0);
  const line = (type: string, object: unknown): boolean => response.write(`${JSON.stringify({ type, object })}\n`);
  const admits = selected(url);
  const tell = (change: Change): void => {
    if (matches(change.path, target.collection) && change.version > from && admits(change.object))
      line(change.type, change.object);
  };
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  if (from < storage.oldest) {
    line("ERROR", {
      kind: "Status",
      code: 410,
      reason: "Expired",
      message: `too old resource version: ${from} (${storage.oldest})`,
    });
    return void response.end();
  }
  const bookmark = (): boolean => line("BOOKMARK", { metadata: { resourceVersion: String(storage.version) } });
  const stop = storage.follow(tell);
  bookmarks.add(bookmark);
  const timer = setTimeout(() => response.end(), Number(url.searchParams.get("timeoutSeconds") ?? 300) * 1000);
  response.on("close", () => {
    clearTimeout(timer);
    bookmarks.delete(bookmark);
    stop();
  });
}

async function readBody(request: IncomingMessage): Promise<ApiObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as ApiObject);
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
