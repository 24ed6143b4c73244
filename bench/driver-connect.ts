/**
 * Runs on the client: `node driver-connect.ts '<JSON of ConnectOrder>'`. Opens a TCP connection each so many milliseconds,
 * whatever became of the ones before, and prints `started`, then a line of JSON for each, until it is ended.
 */
import { execFile } from "node:child_process";
import { connect } from "node:net";
import { nowMs } from "./bare-client.ts";

export type ConnectOrder = {
  readonly ip: string;
  readonly everyMs: number;
  /** Forget each so many milliseconds which station has the address, as a client that was never here before. */
  readonly forgetEveryMs?: number;
};

/** When it was begun, on the clock of `nowMs`, and whether it was open before the first SYN would have been repeated. */
export type Attempt = { readonly atMs: number; readonly open: boolean };

const port = 80;
const patienceMs = 800;

const { ip, everyMs, forgetEveryMs } = JSON.parse(process.argv[2] ?? "") as ConnectOrder;
process.stdout.write("started\n");
setInterval(attempt, everyMs);
if (forgetEveryMs !== undefined) setInterval(forget, forgetEveryMs);

function forget(): void {
  // Nothing is known of the address while nobody answers for it: then there is nothing to delete.
  execFile("ip", ["neigh", "del", ip, "dev", "eth0"], () => undefined);
}

function attempt(): void {
  const atMs = nowMs();
  const socket = connect({ host: ip, port });
  const end = (open: boolean): void => {
    clearTimeout(timer);
    socket.removeAllListeners().on("error", () => undefined);
    socket.resetAndDestroy();
    process.stdout.write(`${JSON.stringify({ atMs, open } satisfies Attempt)}\n`);
  };
  const timer = setTimeout(() => end(false), patienceMs);
  socket.once("connect", () => end(true)).once("error", () => end(false));
}
