import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Pool } from "undici";

/** What a running lab can be asked through its folder; answers are JSON values. */
export type Commands = {
  /** Ends a program: "controller", "admission", "apiserver", "agent-node1", "proxy-node1". */
  kill(program: string, signal: string): Promise<void>;
  /** Sends a program a signal that it survives: SIGSTOP, SIGCONT. */
  signal(program: string, signal: string): Promise<void>;
  /** Starts a program on a host that runs until it is killed, or the lab ends; one of that name is killed first. */
  start(program: string, host: string, argv: readonly string[]): Promise<void>;
  /** Kills it with SIGKILL if it runs, and starts it with the same arguments. */
  restart(program: string): Promise<void>;
  /** A token for a user of the control plane, bound to a Pod of the user's namespace unless that is "". */
  token(user: string, boundPod: string): Promise<string>;
  /** The path of a kubeconfig for use inside the lab. */
  kubeconfig(user: string, boundPod: string): Promise<string>;
  /** Ends the lab. */
  down(): Promise<void>;
};

const longestSocketPath = 107;

/** The lab's socket in its folder. @throws {Error} if the path is too long for one (107 bytes) */
export function socketPath(dir: string, name: "control" | "api"): string {
  const path = join(dir, `${name}.sock`);
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  throw new Error(`${path}: longer than ${longestSocketPath} bytes, too long for a socket: choose another --dir`);
}

/** Answers commands on the folder's socket until the server is closed. */
export async function serveControl(dir: string, commands: Commands): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, commands).then(
      (value) => response.end(JSON.stringify({ value: value ?? null })),
      (error: unknown) => response.writeHead(500).end(JSON.stringify({ error: String(error) })),
    );
  });
  server.listen(socketPath(dir, "control"));
  await once(server, "listening");
  return server;
}

async function answer(request: IncomingMessage, commands: Commands): Promise<unknown> {
  const { command, args } = JSON.parse(await text(request)) as { command: string; args: readonly string[] };
  const [first = "", second = "", ...rest] = args;
  switch (command as keyof Commands) {
    case "kill":
      return commands.kill(first, second);
    case "signal":
      return commands.signal(first, second);
    case "start":
      return commands.start(first, second, rest);
    case "restart":
      return commands.restart(first);
    case "token":
      return commands.token(first, second);
    case "kubeconfig":
      return commands.kubeconfig(first, second);
    case "down":
      return commands.down();
  }
}

/** @throws {Error} with the lab's own message, or if no lab answers in this folder */
export async function callControl(dir: string, command: keyof Commands, ...args: readonly string[]): Promise<unknown> {
  const pool = new Pool("http://lab", { socketPath: socketPath(dir, "control"), headersTimeout: 120_000 });
  try {
    const body = JSON.stringify({ command, args });
    const response = await pool.request({ method: "POST", path: "/", body }).catch((cause: unknown) => {
      throw new Error(`no lab answers in ${dir}`, { cause });
    });
    const { value, error } = (await response.body.json()) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(`lab in ${dir}: ${command} ${args.join(" ")}: ${error}`);
    return value;
  } finally {
    await pool.close();
  }
}
