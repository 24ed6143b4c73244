import { writeFileSync } from "node:fs";
import type { Access, ApiClient } from "./api-client.ts";

const tokenSeconds = 24 * 3600;

/** Writes a kubeconfig file, readable by its owner only; JSON, which every YAML parser reads. */
export function writeKubeconfig(file: string, access: Access): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster: { server: access.url, "certificate-authority": access.caFile } }],
    users: [{ name: "user", user: { token: access.token } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user: "user", namespace: "default" } }],
    "current-context": "lab",
  };
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}

/**
 * A token for `system:serviceaccount:<namespace>:<name>`, good for a day; bound to a Pod, it carries that Pod's node in
 * the claim `authentication.kubernetes.io/node-name`.
 * @throws {Error} if the user is not a ServiceAccount's; ApiError 404 if that or the Pod does not exist
 */
export async function serviceAccountToken(api: ApiClient, user: string, pod?: string): Promise<string> {
  const [system, kind, namespace, name] = user.split(":");
  if (system !== "system" || kind !== "serviceaccount" || !namespace || !name) {
    throw new Error(`token for ${user}: neither in the token file nor system:serviceaccount:<namespace>:<name>`);
  }
  const bound = pod === undefined ? {} : { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod } };
  const answer = await api.call<{ status: { token: string } }>(
    "POST",
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: tokenSeconds, ...bound },
    },
  );
  return answer.status.token;
}
