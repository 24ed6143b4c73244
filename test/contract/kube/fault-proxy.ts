import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { closeServer } from "../../support/scripted-api.ts";

/** Where the real answers come from, and who asks. */
export type Upstream = { readonly url: string; readonly caFile?: string; readonly token?: string };

/** What goes wrong with a request. */
export type Fault =
  | { readonly kind: "refuse"; readonly code: number; readonly body: object; readonly retryAfter?: number }
  | { readonly kind: "rewrite"; readonly url: (url: string) => string }
  | { readonly kind: "loseAnswer" }
  | { readonly kind: "endAtOnce" }
  | { readonly kind: "eventThenEnd"; readonly event: object }
  | { readonly kind: "freeze" }
  | { readonly kind: "dribble" };

/** A request as it arrived. */
export type Arrival = { readonly method: string; readonly url: string; readonly atMs: number; readonly watch: boolean };

/** An HTTP proxy that does harm on request; `arrivals` are all requests so far. */
export type FaultProxy = {
  readonly url: string;
  readonly arrivals: Arrival[];
  /** Applies a fault to the next `times` requests that match. */
  inject(match: (arrival: Arrival) => boolean, fault: Fault, times?: number): void;
  /** Breaks every connection. */
  cut(): void;
  /** Injects nothing more. */
  calm(): void;
  close(): Promise<void>;
};

type Injection = { readonly match: (arrival: Arrival) => boolean; readonly fault: Fault; left: number };

/** Starts one in front of an API server, on a free port of 127.0.0.1. */
export async function startFaultProxy(upstream: Upstream): Promise<FaultProxy> {
  const connect = upstream.caFile === undefined ? {} : { ca: readFileSync(upstream.caFile) };
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
  const arrivals: Arrival[] = [];
  const injections: Injection[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    const arrival = {
      method: request.method ?? "GET",
      url,
      atMs: performance.now(),
      watch: url.includes("watch=true"),
    };
    arrivals.push(arrival);
    const hit = injections.find(({ match, left }) => left > 0 && match(arrival));
    if (hit !== undefined) hit.left -= 1;
    // A broken upstream breaks this connection too: that is what a proxy on the same machine would look like.
    relay({ agent, upstream, fault: hit?.fault }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    inject: (match, fault, times = 1) => void injections.push({ match, fault, left: times }),
    cut: () => server.closeAllConnections(),
    calm: () => void injections.splice(0),
    close: async () => {
      await closeServer(server);
      await agent.destroy();
    },
  };
}

type Path = { readonly agent: Agent; readonly upstream: Upstream; readonly fault: Fault | undefined };

async function relay(path: Path, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { fault } = path;
  if (fault?.kind === "refuse") return refuse(fault, response);
  if (fault?.kind === "endAtOnce" || fault?.kind === "eventThenEnd" || fault?.kind === "freeze") {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (fault.kind === "freeze") return;
    return void response.end(fault.kind === "eventThenEnd" ? `${JSON.stringify(fault.event)}\n` : "");
  }
  const answer = await forward(path, request, response);
  if (fault?.kind === "loseAnswer") {
    await answer.body.text();
    return void response.destroy();
  }
  response.writeHead(answer.statusCode, { "content-type": "application/json" });
  response.flushHeaders();
  for await (const chunk of answer.body) await pass(chunk as Buffer, response, fault?.kind === "dribble");
  response.end();
}

function refuse(fault: Extract<Fault, { kind: "refuse" }>, response: ServerResponse): void {
  const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  response.writeHead(fault.code, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(fault.body));
}

function forward(
  { agent, upstream, fault }: Path,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Dispatcher.ResponseData> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const url = request.url ?? "/";
  return agent.request({
    origin: upstream.url,
    path: fault?.kind === "rewrite" ? fault.url(url) : url,
    method: (request.method ?? "GET") as Dispatcher.HttpMethod,
    headers: {
      "content-type": request.headers["content-type"] ?? "application/json",
      ...(upstream.token !== undefined && { authorization: `Bearer ${upstream.token}` }),
    },
    body: request.method === "GET" ? null : request,
    signal: gone.signal,
  });
}

/** Dribbling gives single bytes, each in a packet of its own as far as the reader can tell. */
async function pass(chunk: Buffer, response: ServerResponse, dribble: boolean): Promise<void> {
  if (!dribble) return void response.write(chunk);
  for (let at = 0; at < chunk.length; at += 1) {
    response.write(chunk.subarray(at, at + 1));
    if (at % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
