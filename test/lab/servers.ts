import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type ApiClient, openApiClient } from "./api-client.ts";
import type { Assets } from "./assets.ts";
import type { Pki } from "./pki.ts";
import { logTail, type Program, start } from "./programs.ts";

/** What an API server tells of itself: the lab's has a fixed address, one for API tests listens on loopback only. */
export type ServerAddress = { readonly advertised: string; readonly port: number };

/** etcd and kube-apiserver as processes. */
export type Servers = {
  readonly url: string;
  readonly api: ApiClient;
  killApiServer(): Promise<void>;
  signalApiServer(signal: NodeJS.Signals): void;
  restartApiServer(): Promise<void>;
  stop(): Promise<void>;
};

type Plan = { readonly dir: string; readonly pki: Pki; readonly assets: Assets; readonly address?: ServerAddress };

const readyWithinMs = 60_000;
const pollMs = 25;
const portAttempts = 3;

/** @throws {Error} with the end of the log of the program that ended, or was not ready within 60 s */
export async function startServers(plan: Plan): Promise<Servers> {
  mkdirSync(join(plan.dir, "logs"), { recursive: true });
  const etcd = await startEtcd(plan);
  let left = plan.address === undefined ? portAttempts : 1;
  for (;;) {
    const port = plan.address?.port ?? (await freePort());
    const apiServer = await startApiServer(plan, port);
    try {
      return await readyServers(plan, { etcd, apiServer, port });
    } catch (error) {
      await apiServer.stop("SIGKILL");
      left -= 1;
      if (left > 0 && logTail(apiServer.logFile).includes("address already in use")) continue;
      await etcd.stop("SIGKILL");
      throw error;
    }
  }
}

type Running = { readonly etcd: Program; apiServer: Program; readonly port: number };

async function readyServers(plan: Plan, running: Running): Promise<Servers> {
  const url = `https://${plan.address?.advertised ?? "127.0.0.1"}:${running.port}`;
  const api = openApiClient({ url, caFile: plan.pki.caFile, token: plan.pki.tokens.get("admin") ?? "" });
  await untilReady(api, running);
  return {
    url,
    api,
    killApiServer: () => running.apiServer.stop("SIGKILL"),
    signalApiServer: (signal) => running.apiServer.signal(signal),
    restartApiServer: async () => {
      await running.apiServer.stop("SIGKILL");
      running.apiServer = await startApiServer(plan, running.port);
      await untilReady(api, running);
    },
    stop: async () => {
      await api.close();
      await Promise.all([running.apiServer.stop("SIGKILL"), running.etcd.stop("SIGKILL")]);
    },
  };
}

async function untilReady(api: ApiClient, running: Running): Promise<void> {
  const programs = [running.etcd, running.apiServer];
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
    const dead = programs.find((program) => program.ended() !== undefined);
    if (dead !== undefined) throw new Error(`${dead.name}: ${dead.ended()}\n${logTail(dead.logFile)}`);
    if (await isReady(api)) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const { logFile } = running.apiServer;
  throw new Error(`kube-apiserver: not ready within ${readyWithinMs / 1000} s\n${logTail(logFile)}`);
}

/** The namespace `default` is made in the background and may come after the server calls itself ready. */
async function isReady(api: ApiClient): Promise<boolean> {
  for (const path of ["/readyz", "/api/v1/namespaces/default"]) {
    if ((await api.status(path)) !== 200) return false;
  }
  return true;
}

async function startEtcd({ dir, assets }: Plan): Promise<Program> {
  const cwd = join(dir, "etcd");
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const clients = "unix://localhost:1";
  const peers = "unix://localhost:2";
  const flags = {
    "data-dir": join(cwd, "data"),
    "listen-client-urls": clients,
    "advertise-client-urls": clients,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
    "unsafe-no-fsync": "true",
    "heartbeat-interval": "10",
    "election-timeout": "50",
    "log-level": "error",
  };
  return start("etcd", [await assets("etcd"), ...flagList(flags)], join(dir, "logs", "etcd.log"), { cwd });
}

async function startApiServer({ dir, assets, pki, address }: Plan, port: number): Promise<Program> {
  const flags = {
    "etcd-servers": "unix://localhost:1",
    "secure-port": String(port),
    "service-cluster-ip-range": "10.96.0.0/16,fd00:96::/112",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": pki.signingKeyFile,
    "service-account-key-file": pki.verificationKeyFile,
    "token-auth-file": pki.tokenFile,
    "authorization-mode": "RBAC",
    "tls-cert-file": pki.server.certificate,
    "tls-private-key-file": pki.server.key,
    "disable-admission-plugins": "ServiceAccount",
    ...(address === undefined
      ? { "bind-address": "127.0.0.1", "advertise-address": "127.0.0.1", "endpoint-reconciler-type": "none" }
      : { "bind-address": "::", "advertise-address": address.advertised }),
  };
  const argv = [await assets("kube-apiserver"), ...flagList(flags)];
  // The working directory is where etcd's socket file "localhost:1" lies.
  return start("kube-apiserver", argv, join(dir, "logs", "kube-apiserver.log"), { cwd: join(dir, "etcd") });
}

function flagList(flags: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

/** A port outside the kernel's ephemeral range, so that no outgoing connection takes it between this look and its use. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
