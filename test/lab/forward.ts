import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server } from "node:net";

/**
 * Copies bytes between connections that come in on a unix socket or a port of 127.0.0.1 (0: any free one) and new ones to
 * the target; pathname sockets are reached from every network namespace, so this joins two of them without any right.
 */
export async function forward(from: { path: string } | { port: number }, to: NetConnectOpts): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(to);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen("path" in from ? from : { ...from, host: "127.0.0.1" });
  await once(server, "listening");
  return server;
}

/** The port a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
