import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { ControlPlane } from "./control-plane.ts";

/** The repository's root: where `crds/`, `deploy/` and `src/` are. */
export const repository = join(import.meta.dirname, "..", "..");

/** Where webhooks are called on 127.0.0.1 unless said otherwise. */
export const webhookPort = 9443;

const establishedWithinMs = 60_000;
const pollMs = 50;
const workloads: ReadonlySet<string> = new Set(["Deployment", "DaemonSet"]);

type Manifest = { kind: string; webhooks?: { clientConfig: ClientConfig }[] };
type ClientConfig = { url?: string; caBundle?: string; service?: { path?: string } };

/**
 * Applies `crds/` and `deploy/`, all but the workloads: here their processes run without a kubelet. Webhooks are made to call
 * https://127.0.0.1:<webhookPort> under the control plane's own CA. Returns once the new resources are served.
 * @throws {Error} with what kubectl said, or if a CRD is not established within 60 s
 */
export async function applyManifests(plane: ControlPlane, port: number = webhookPort): Promise<void> {
  const caBundle = readFileSync(plane.caFile).toString("base64");
  const manifests = ["crds", "deploy"].flatMap(readManifests).filter(({ kind }) => !workloads.has(kind));
  for (const { clientConfig } of manifests.flatMap(({ webhooks = [] }) => webhooks)) {
    clientConfig.url = `https://127.0.0.1:${port}${clientConfig.service?.path ?? "/"}`;
    clientConfig.caBundle = caBundle;
    delete clientConfig.service;
  }
  const namespacesFirst = manifests.toSorted((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
  const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items: namespacesFirst });
  await plane.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], { stdin });
  await untilEstablished(plane);
}

type Definition = { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } };

async function untilEstablished({ api }: ControlPlane): Promise<void> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const deadline = Date.now() + establishedWithinMs; Date.now() < deadline; await sleep(pollMs)) {
    const { items } = await api.call<{ items: readonly Definition[] }>("GET", path);
    if (items.every(isEstablished)) return;
  }
  throw new Error(`the CRDs are not established within ${establishedWithinMs / 1000} s`);
}

function isEstablished({ status }: Definition): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") === true;
}

function readManifests(folder: string): readonly Manifest[] {
  const files = globSync("**/*.yaml", { cwd: join(repository, folder) }).toSorted();
  return files
    .filter((file) => !file.endsWith("kustomization.yaml"))
    .flatMap((file) => parseAllDocuments(readFileSync(join(repository, folder, file), "utf8")))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
