import { promises as files } from "node:fs";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { CredentialSource, Material } from "./credentials.ts";

/** Where kubelet puts a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The credentials of the pod that we run in, or undefined outside a cluster (KUBERNETES_SERVICE_HOST is not set).
 * kubelet replaces the token in place, so each load reads it again.
 */
export async function inClusterCredentials(
  environment: Environment = process.env,
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): Promise<CredentialSource | undefined> {
  const host = environment.KUBERNETES_SERVICE_HOST;
  if (host === undefined || host === "") return undefined;
  const port = environment.KUBERNETES_SERVICE_PORT ?? "443";
  const namespace = await files.readFile(join(directory, "namespace"), "utf8").catch(() => undefined);
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: namespace?.trim(),
    load: () => serviceAccount(directory),
  };
}

async function serviceAccount(directory: string): Promise<Material> {
  const [ca, token] = await Promise.all([
    files.readFile(join(directory, "ca.crt"), "utf8"),
    files.readFile(join(directory, "token"), "utf8"),
  ]);
  return { ca, insecure: false, headers: { authorization: `Bearer ${token.trim()}` } };
}
