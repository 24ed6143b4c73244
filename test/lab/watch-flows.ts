/**
 * Runs on the client: `node watch-flows.ts '<JSON of FlowOrder>'`. Each so many milliseconds it opens a TCP connection, or
 * sends a datagram that is echoed, whatever became of the ones before; prints `watching`, then a line of JSON for each,
 * until it is ended.
 */
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { Attempt, FlowOrder } from "./flows.ts";
import { monotonicMs } from "./monotonic.ts";

const defaultPatienceMs = 800;

const {
  ip,
  port = 80,
  protocol,
  oneFlow,
  everyMs,
  forgetEveryMs,
  patienceMs = defaultPatienceMs,
} = JSON.parse(process.argv[2] ?? "") as FlowOrder;

/** Not before what has come by then is read: a process that was kept waiting must not take its own delay for a loss. */
const afterPatience = (giveUp: () => void): NodeJS.Timeout => setTimeout(() => setImmediate(giveUp), patienceMs);

const say = (attempt: Attempt): void => void process.stdout.write(`${JSON.stringify(attempt)}\n`);

function connects(): void {
  const atMs = monotonicMs();
  const socket = connect({ host: ip, port });
  let ended = false;
  const end = (open: boolean): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    socket.removeAllListeners().on("error", () => undefined);
    socket.resetAndDestroy();
    say({ atMs, open });
  };
  const timer = afterPatience(() => end(false));
  socket.once("connect", () => end(true)).once("error", () => end(false));
}

function echoes(): void {
  const atMs = monotonicMs();
  const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
  let ended = false;
  const end = (open: boolean): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    socket.removeAllListeners().on("error", () => undefined);
    socket.close();
    say({ atMs, open });
  };
  const timer = afterPatience(() => end(false));
  socket.once("message", () => end(true)).once("error", () => end(false));
  socket.send("echo", port, ip);
}

/** The echo of each datagram is known by its number. */
function flow(): () => void {
  const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
  const waiting = new Map<number, { readonly atMs: number; readonly timer: NodeJS.Timeout }>();
  const end = (number: number, open: boolean): void => {
    const sent = waiting.get(number);
    if (sent === undefined) return;
    clearTimeout(sent.timer);
    waiting.delete(number);
    say({ atMs: sent.atMs, open });
  };
  // A refusal of the moment (ICMP) is no end of the flow: that datagram has no echo, which is noted in its time.
  socket.on("error", () => undefined);
  socket.on("message", (echo) => end(Number(echo.toString().split(" ").at(-1)), true));
  let count = 0;
  return () => {
    const number = ++count;
    waiting.set(number, { atMs: monotonicMs(), timer: afterPatience(() => end(number, false)) });
    socket.send(String(number), port, ip);
  };
}

const attempts = { TCP: () => connects, UDP: () => (oneFlow ? flow() : echoes) };

/** Only what is known is forgotten: of an address that is being asked for, the kernel would drop what waits for the answer. */
const forgetKnown = `ip neigh show ${ip} dev eth0 | grep -q lladdr && ip neigh del ${ip} dev eth0`;

function forget(): void {
  execFile("sh", ["-c", forgetKnown], () => undefined);
}

setInterval(attempts[protocol](), everyMs);
if (forgetEveryMs !== undefined) setInterval(forget, forgetEveryMs);
process.stdout.write("watching\n");
