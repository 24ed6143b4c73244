import { createRequire } from "node:module";
import type { Agent, Dispatcher } from "undici";
import type { Material } from "./credentials.ts";

// The package's main entry also loads fetch, WebSocket, caches and mocks: 15 MB on every node that nothing here uses.
const load = createRequire(import.meta.url);
const NarrowAgent = load("undici/lib/dispatcher/agent.js") as typeof Agent;
const apiRequest = load("undici/lib/api/api-request.js") as Dispatcher["request"];

const CALL_CONNECTIONS = 16;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 60_000;

/** Two HTTP/1.1 pools to one server: short calls share at most 16 connections, each watch has a connection of its own. */
export type AgentPair = { readonly calls: Agent; readonly watches: Agent };

/** Pools that present these credentials. */
export function openAgents(material: Material): AgentPair {
  const connect = {
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: !material.insecure,
    ...(material.ca !== undefined && { ca: material.ca }),
    ...(material.cert !== undefined && { cert: material.cert }),
    ...(material.key !== undefined && { key: material.key }),
    ...(material.serverName !== undefined && { servername: material.serverName }),
  };
  const options = { connect, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS };
  return { calls: new NarrowAgent({ ...options, connections: CALL_CONNECTIONS }), watches: new NarrowAgent(options) };
}

/** Lets what is under way end, then closes the connections. */
export async function retireAgents(pair: AgentPair): Promise<void> {
  await Promise.allSettled([pair.calls.close(), pair.watches.close()]);
}

/** Breaks every connection now. */
export async function destroyAgents(pair: AgentPair): Promise<void> {
  await Promise.allSettled([pair.calls.destroy(), pair.watches.destroy()]);
}

/** Sends one request through a pool. */
export function sendRequest(agent: Agent, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
  return apiRequest.call(agent, options) as Promise<Dispatcher.ResponseData>;
}
