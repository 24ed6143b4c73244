import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "./metrics.ts";

/** Where to listen, and what the three pages say. */
export type HealthOptions = {
  /** An address of this machine; port 0 picks a free one. */
  readonly listen: ListenAddress;
  /** Why the process should be restarted, or undefined while it is well. */
  readonly sick: () => string | undefined;
  /** Why it does no work yet, or undefined once it does. */
  readonly unready: () => string | undefined;
  readonly registry: Registry;
};

/** A TCP address to listen on. */
export type ListenAddress = { readonly host: string; readonly port: number };

/** The running server. */
export type HealthServer = { readonly port: number; close(): Promise<void> };

/**
 * Serves /healthz, /readyz (200 or 503 with the reason) and /metrics over HTTP.
 * @throws {Error} if the address cannot be listened on
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const pages: Record<string, (response: ServerResponse) => unknown> = {
    "/healthz": (response) => sendVerdict(response, options.sick()),
    "/readyz": (response) => sendVerdict(response, options.unready()),
    "/metrics": (response) => sendMetrics(response, options.registry),
  };
  const server = createServer((request, response) => {
    const page = request.method === "GET" ? pages[(request.url ?? "").split("?")[0] ?? ""] : undefined;
    if (page === undefined) response.writeHead(404).end();
    else page(response);
  });
  const { host, port } = options.listen;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new Error(`listen on ${host} port ${port}`, { cause })));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function sendVerdict(response: ServerResponse, trouble: string | undefined): void {
  response.writeHead(trouble === undefined ? 200 : 503, { "content-type": "text/plain" });
  response.end(`${trouble ?? "ok"}\n`);
}

async function sendMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { "content-type": registry.contentType }).end(text);
}

/** The address that `host:port` or `[ipv6]:port` means, or undefined if it is none. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65535 ? undefined : { host, port };
}
