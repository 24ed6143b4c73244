import { ApiError } from "../../kube/api-error.ts";
import type { Connection } from "../../kube/connection.ts";
import { objectPath, type Resource } from "../../kube/resource.ts";
import { fieldsOf } from "../manifest.ts";
import type { EditedKind } from "./edit.ts";
import type { WrittenPut } from "./manifest-files.ts";

/** How objects are sent: as whom, and whether fields of others are taken over. */
export type ApplyOptions = { readonly fieldManager: string; readonly force: boolean };

/** What the API server answers to one object: the object as it would be stored, or why it refuses it. */
export type DryRun = WrittenPut | { readonly refused: WrittenPut; readonly message: string };

const resources: Readonly<Record<EditedKind, Resource>> = {
  IPPool: { group: "herald.dev", version: "v1beta1", plural: "ippools", kind: "IPPool", namespaced: false },
  Namespace: { group: "", version: "v1", plural: "namespaces", kind: "Namespace", namespaced: false },
  Service: { group: "", version: "v1", plural: "services", kind: "Service", namespaced: true },
};

const longestMs = 10_000;

/**
 * Asks the API server what it would store if the object were applied (server-side), admission included; nothing is stored.
 * @throws {ConnectionError} if nothing answers
 */
export async function dryRun(put: WrittenPut, connection: Connection, options: ApplyOptions): Promise<DryRun> {
  const { kind, namespace, name } = put;
  const path = objectPath(resources[kind], { name, ...(namespace !== "" && { namespace }) });
  const query = `?dryRun=All&fieldManager=${encodeURIComponent(options.fieldManager)}&force=${options.force}`;
  const body = {
    ...put.object,
    metadata: { ...fieldsOf(put.object.metadata), ...(namespace !== "" && { namespace }) },
  };
  const answer = await connection.request({
    method: "PATCH",
    path: `${path}${query}`,
    contentType: "application/apply-patch+yaml",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(longestMs),
  });
  const text = await answer.body.text();
  if (answer.status < 400) return { ...put, object: fieldsOf(JSON.parse(text)), whole: true };
  return { refused: put, message: messageOf(text, answer.status) };
}

function messageOf(text: string, status: number): string {
  try {
    return new ApiError("apply", status, JSON.parse(text) as { message?: string }).message;
  } catch {
    return `apply: HTTP ${status}`;
  }
}
