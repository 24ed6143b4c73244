import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Access, ApiClient } from "./api-client.ts";
import { type Assets, findAssets } from "./assets.ts";
import type { Report } from "./build.ts";
import { serviceAccountToken, writeKubeconfig } from "./kubeconfig.ts";
import { type CertificateFiles, type Pki, type User, writePki } from "./pki.ts";
import { type Program, run, start } from "./programs.ts";
import { type ServerAddress, type Servers, startServers } from "./servers.ts";

export type ControlPlaneOptions = {
  /** Holds certificates, data, logs and kubeconfigs. Default: a new temporary folder, removed by `stop`. */
  readonly dir?: string;
  /** Also run the deployment, replicaset, endpointslice, garbage-collector and namespace controllers. Default false. */
  readonly controllers?: boolean;
  /** Users with a token of their own besides `admin` (group system:masters) and the ServiceAccounts. */
  readonly users?: readonly User[];
  /** Default: a free port of 127.0.0.1, and no endpoints for the Service `kubernetes`. */
  readonly address?: ServerAddress;
  readonly report?: Report;
};

/** A running API server with its etcd. */
export type ControlPlane = {
  readonly dir: string;
  readonly url: string;
  readonly caFile: string;
  /** Files of a server certificate for localhost, 127.0.0.1 and ::1, issued by the CA of `caFile`. */
  readonly webhook: CertificateFiles;
  /** Calls the server as admin. */
  readonly api: ApiClient;
  /** For `admin`, a user of the options, or `system:serviceaccount:<namespace>:<name>`, its token bound to a Pod if asked. */
  access(user: string, boundPod?: string): Promise<Access>;
  /** Writes a kubeconfig for such a user and gives its path. */
  kubeconfig(user: string, boundPod?: string): Promise<string>;
  /** Runs kubectl and gives its standard output. @throws {Error} with what it printed, if it fails */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** SIGKILL; the data stay. */
  killApiServer(): Promise<void>;
  /** Sends it a signal that it survives: SIGSTOP makes it silent, SIGCONT lets it go on. */
  signalApiServer(signal: NodeJS.Signals): void;
  /** Kills the server if it runs, starts it on the same port and data, and waits until it is ready. */
  restartApiServer(): Promise<void>;
  /** Kills all programs and removes the folder if it was a temporary one. */
  stop(): Promise<void>;
};
export type KubectlOptions = { readonly as?: string; readonly stdin?: string };

/**
 * Starts etcd and kube-apiserver (RBAC, webhooks and admission policies on, ServiceAccount admission off) and waits until
 * the server is ready: 3 s on a quiet machine. No root needed. The programs die with this process: call it from the main
 * thread, for the kernel ties them to the thread that spawns them.
 * @throws {Error} with the end of the log of the program that ended, or was not ready within 60 s
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const temporary = options.dir === undefined;
  const dir = resolve(options.dir ?? mkdtempSync(join(tmpdir(), "herald-control-plane-")));
  const remove = (): void => (temporary ? rmSync(dir, { recursive: true, force: true }) : undefined);
  try {
    const assets = findAssets(options.report ?? ((line) => process.stderr.write(`${line}\n`)));
    const pki = writePki(join(dir, "pki"), [{ name: "admin", groups: ["system:masters"] }, ...(options.users ?? [])]);
    const { address } = options;
    const servers = await startServers({ dir, pki, assets, ...(address ? { address } : {}) });
    const plane = { dir, pki, assets, servers };
    const controllers = options.controllers ? await startControllers(plane) : undefined;
    return {
      ...controlPlane(plane),
      stop: async () => {
        await controllers?.stop("SIGKILL");
        await servers.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

type Plane = { readonly dir: string; readonly pki: Pki; readonly assets: Assets; readonly servers: Servers };

function controlPlane(plane: Plane): Omit<ControlPlane, "stop"> {
  const { dir, pki, servers } = plane;
  return {
    dir,
    url: servers.url,
    caFile: pki.caFile,
    webhook: pki.webhook,
    api: servers.api,
    access: (user, boundPod) => access(plane, user, boundPod),
    kubeconfig: (user, boundPod) => kubeconfig(plane, user, boundPod),
    kubectl: (args, options) => kubectl(plane, args, options),
    killApiServer: servers.killApiServer,
    signalApiServer: servers.signalApiServer,
    restartApiServer: servers.restartApiServer,
  };
}

async function access({ pki, servers }: Plane, user: string, boundPod?: string): Promise<Access> {
  const token = pki.tokens.get(user) ?? (await serviceAccountToken(servers.api, user, boundPod));
  return { url: servers.url, caFile: pki.caFile, token };
}

async function kubeconfig(plane: Plane, user: string, boundPod?: string): Promise<string> {
  const folder = join(plane.dir, "kubeconfigs");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, [user.replaceAll(":", "_"), ...(boundPod ? [boundPod] : [])].join("_"));
  writeKubeconfig(file, await access(plane, user, boundPod));
  return file;
}

async function kubectl(plane: Plane, args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const file = await kubeconfig(plane, options.as ?? "admin");
  const cache = join(plane.dir, "kubectl-cache");
  const argv = [await plane.assets("kubectl"), "--kubeconfig", file, "--cache-dir", cache, ...args];
  return run(argv, options.stdin === undefined ? {} : { stdin: options.stdin });
}

async function startControllers(plane: Plane): Promise<Program> {
  const argv = [await plane.assets("kube-controllers"), "--kubeconfig", await kubeconfig(plane, "admin")];
  return start("kube-controllers", argv, join(plane.dir, "logs", "kube-controllers.log"));
}
