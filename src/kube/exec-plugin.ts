import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Cluster, User } from "@kubernetes/client-node";

/** What an exec plugin gave; certificate and key are PEM text. */
export type ExecGrant = { readonly token?: string; readonly cert?: string; readonly key?: string };

/** Asks the user's exec plugin, or answers from memory until shortly before what it gave expires; `renew` asks at once. */
export type ExecRunner = (user: User, cluster: Cluster, renew: boolean) => Promise<ExecGrant>;

type ExecSpec = {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
};

type ExecStatus = {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
};

const EARLY_MS = 30_000;
const TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/** A runner with a memory of its own (client.authentication.k8s.io, ExecCredential); the plugin has 60 s and no terminal. */
export function openExecPlugin(wallNow: () => number = Date.now): ExecRunner {
  let held: { readonly grant: ExecGrant; readonly expiresMs: number } | undefined;
  return async (user, cluster, renew) => {
    if (held !== undefined && !renew && wallNow() < held.expiresMs) return held.grant;
    const status = await ask(user.exec as ExecSpec, cluster);
    const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp: expires } = status;
    const grant = { ...(token && { token }), ...(cert && { cert }), ...(key && { key }) };
    held = { grant, expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires) - EARLY_MS };
    return grant;
  };
}

async function ask(exec: ExecSpec, cluster: Cluster): Promise<ExecStatus> {
  const extra = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const env = { ...process.env, ...extra, KUBERNETES_EXEC_INFO: execInfo(exec, cluster) };
  try {
    const { stdout } = await run(exec.command, [...(exec.args ?? [])], { env, timeout: TIMEOUT_MS });
    return (JSON.parse(stdout) as { readonly status?: ExecStatus }).status ?? {};
  } catch (cause) {
    throw new Error(`run credential plugin ${exec.command}`, { cause });
  }
}

function execInfo(exec: ExecSpec, cluster: Cluster): string {
  const apiVersion = exec.apiVersion ?? "client.authentication.k8s.io/v1";
  const target = { server: cluster.server, "certificate-authority-data": cluster.caData };
  return JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false, cluster: target } });
}
