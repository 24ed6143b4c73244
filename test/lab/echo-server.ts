/**
 * What runs in a Pod of the lab: `node echo-server.ts '<JSON of EchoConfig>'`. On each TCP port HTTP/1.1 that answers one
 * line of JSON: who was asked and which address the asker had; on each UDP port `<pod> <payload>`. Both families.
 * Prints one line once all ports are open.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";

export type EchoPort = { readonly protocol: "TCP" | "UDP"; readonly port: number };
export type EchoConfig = { readonly pod: string; readonly node: string; readonly ports: readonly EchoPort[] };

async function listenTcp({ pod, node }: EchoConfig, port: number): Promise<void> {
  const server = createServer((request, response) => {
    const client = plainAddress(request.socket.remoteAddress ?? "");
    response.setHeader("content-type", "application/json");
    response.end(`${JSON.stringify({ pod, node, client, path: request.url })}\n`);
  });
  server.listen(port, "::");
  await once(server, "listening");
}

async function listenUdp({ pod }: EchoConfig, port: number): Promise<void> {
  const socket = createSocket("udp6");
  socket.on("message", (payload, from) => {
    socket.send(Buffer.concat([Buffer.from(`${pod} `), payload]), from.port, from.address);
  });
  socket.on("error", () => undefined);
  socket.bind(port, "::");
  await once(socket, "listening");
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

const config = JSON.parse(process.argv[2] ?? "") as EchoConfig;
await Promise.all(
  config.ports.map(({ protocol, port }) => (protocol === "TCP" ? listenTcp(config, port) : listenUdp(config, port))),
);
process.stdout.write("listening\n");
