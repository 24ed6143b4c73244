import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiError } from "../lab/api-client.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { eventually } from "./eventually.ts";

const group = "/apis/herald.dev/v1beta1";

/** A control plane that serves Herald's resources; the caller stops it. */
export async function startWithCrds(): Promise<ControlPlane> {
  const plane = await startControlPlane();
  await plane.kubectl(["apply", "--server-side", "-f", join(import.meta.dirname, "../../crds")]);
  await plane.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  await eventually("the pools are served", () => plane.api.call("GET", `${group}/ippools`));
  return plane;
}

/** What the API server says to an object of one of Herald's kinds: "" if it would take it. Nothing is stored. */
export async function verdict(plane: ControlPlane, kind: string, name: string, spec: object): Promise<string> {
  const body = { apiVersion: "herald.dev/v1beta1", kind, metadata: { name }, spec };
  const path = `${group}/${kind.toLowerCase()}s?dryRun=All&fieldValidation=Strict`;
  try {
    await plane.api.call("POST", path, body);
    return "";
  } catch (error) {
    return error instanceof ApiError ? error.message : assert.fail(String(error));
  }
}
