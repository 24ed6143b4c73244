/** Connections over loopback, which need no rights. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { TcpError } from "../../../src/linux/tcp-error.ts";
import { listenTcp, type TcpListener, type TcpListenOptions } from "../../../src/linux/tcp-listener.ts";
import { connectTcp, type TcpConnection, type TcpConnectOptions } from "../../../src/linux/tcp-socket.ts";
import type { Address } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";
import { eventually } from "../../support/eventually.ts";

export const loopback = { IPv4: address("127.0.0.1"), IPv6: address("::1") } as const;

/** A signal that never comes. */
export const never = new AbortController().signal;

const open: { close(): void }[] = [];
let nextPort = 20_000 + (process.pid % 10_000);

/** Closes all that the test opened. */
export function closeAll(): void {
  for (const each of open.splice(0)) each.close();
}

/** A listener on a free port, and what it accepted. */
export type Listening = { readonly listener: TcpListener; readonly port: number; readonly accepted: TcpConnection[] };

/** Listens on a free port of a loopback address. */
export async function listen(local: Address, options: Partial<TcpListenOptions> = {}): Promise<Listening> {
  const accepted: TcpConnection[] = [];
  const onConnection = (connection: TcpConnection): void => {
    connection.stream.on("error", () => {});
    accepted.push(connection);
    open.push({ close: () => connection.stream.destroy() });
  };
  for (;;) {
    const port = nextPort++;
    try {
      const where = { local: { address: local, port }, hops: 255 };
      const listener = await listenTcp({ ...where, onConnection, onError: assert.fail, ...options });
      open.push(listener);
      return { listener, port, accepted };
    } catch (error) {
      if (!(error instanceof TcpError) || error.code !== "EADDRINUSE") throw error;
    }
  }
}

/** Connects, with 255 hops unless told otherwise; ends with the test. */
export async function connect(
  peer: Address,
  port: number,
  options: Partial<TcpConnectOptions> = {},
): Promise<TcpConnection> {
  const connection = await connectTcp({ peer: { address: peer, port }, hops: 255, ...options }, never);
  connection.stream.on("error", () => {});
  open.push({ close: () => connection.stream.destroy() });
  return connection;
}

/** A reason for which the kernel drops segments. */
export type DropCounter = "TCPMD5NotFound" | "TCPMD5Unexpected" | "TCPMD5Failure" | "TCPMinTTLDrop";

/** How many segments the kernel has dropped for this reason, in this network namespace. */
export function dropped(counter: DropCounter): number {
  const [names = [], values = []] = readFileSync("/proc/net/netstat", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("TcpExt:"))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf(counter)]);
}

/** Tries to connect until the kernel counts a dropped segment more; it must not stand by then. */
export async function assertDropped(
  by: DropCounter,
  peer: Address,
  port: number,
  options: Partial<TcpConnectOptions> = {},
): Promise<void> {
  const before = dropped(by);
  const controller = new AbortController();
  const pending = connectTcp({ peer: { address: peer, port }, hops: 255, ...options }, controller.signal);
  const refused = assert.rejects(pending, { name: "TcpError", code: "ABORT_ERR" });
  await eventually(`a segment more is counted as ${by}`, () => dropped(by) > before || undefined);
  controller.abort();
  await refused;
}

const CAP_NET_ADMIN = 12n;

/** Without this capability the kernel takes no filter for TCP: strangers are reset, not left without an answer. */
function hasFilter(): boolean {
  const [, effective = "0"] = /^CapEff:\t(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}

/** Tries to connect for a moment in which a connection over loopback stands a hundred times; it must not come in. */
export async function assertKeptOut(
  peer: Address,
  port: number,
  options: Partial<TcpConnectOptions> = {},
): Promise<void> {
  const signal = AbortSignal.timeout(200);
  try {
    const { stream } = await connectTcp({ peer: { address: peer, port }, hops: 255, ...options }, signal);
    assert.ok(!hasFilter(), "a stranger was answered");
    await new Promise((resolve) => stream.on("error", () => {}).once("close", resolve));
  } catch (error) {
    assert.ok(error instanceof TcpError, String(error));
    assert.ok(error.code === "ABORT_ERR" || (error.code === "ECONNRESET" && !hasFilter()), error.message);
  }
}

/** The connection that was accepted first. */
export async function firstOf(accepted: readonly TcpConnection[]): Promise<TcpConnection> {
  return eventually("a connection is accepted", () => accepted[0]);
}

/** What comes next. */
export function read({ stream }: TcpConnection): Promise<string> {
  return new Promise((resolve) => stream.once("data", (bytes: Buffer) => resolve(bytes.toString())));
}

/** Each end hears the other. */
export async function assertEchoes(one: TcpConnection, end: TcpConnection): Promise<void> {
  const heard = read(end);
  one.stream.write("open");
  assert.equal(await heard, "open");
  const answer = read(one);
  end.stream.write("keepalive");
  assert.equal(await answer, "keepalive");
}

/** How many files this process has open. */
export const descriptors = (): number => readdirSync("/proc/self/fd").length;

/** No more files than before are open soon. */
export async function assertClosed(before: number): Promise<void> {
  await eventually("the descriptor is closed", () => descriptors() <= before || undefined);
}
