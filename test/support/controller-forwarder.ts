import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A port of 127.0.0.1 behind which a server can be made to come and go. */
export type Forwarder = {
  /** Refuses connections, and cuts those that there are. */
  cut(): Promise<void>;
};

/** Forwards connections to a port of 127.0.0.1 to another one, until it is cut. */
export async function startForwarder(port: number, targetPort: number): Promise<Forwarder> {
  const open = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    return socket.on("close", () => open.delete(socket));
  };
  const server = createServer((incoming) => {
    const outgoing = track(connect(targetPort, "127.0.0.1"));
    track(incoming).pipe(outgoing).pipe(incoming);
    outgoing.on("close", () => incoming.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    cut: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
