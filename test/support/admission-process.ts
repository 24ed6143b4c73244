import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:https";
import { join } from "node:path";
import type { ControlPlane } from "../lab/control-plane.ts";
import { eventually } from "./eventually.ts";

/** A running `herald admission`. */
export type AdmissionProcess = {
  /** The exit code, once it has ended by itself or by a signal. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
};

/** Starts `herald admission` with the rights of its own ServiceAccount and waits until it serves reviews. */
export async function startAdmission(plane: ControlPlane, port: number): Promise<AdmissionProcess> {
  const kubeconfig = await plane.kubeconfig("system:serviceaccount:herald-system:herald-admission");
  const { certificate, key } = plane.webhook;
  const main = join(import.meta.dirname, "../../src/main.ts");
  const tls = ["--port", String(port), "--tls-cert-file", certificate, "--tls-private-key-file", key];
  const child: ChildProcess = spawn(process.execPath, [main, "admission", "--kubeconfig", kubeconfig, ...tls], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.once("exit", () => kill("SIGKILL"));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  await eventually("admission serves reviews", async () => (await healthz(port)) === 200 || undefined);
  return { ended, kill };
}

/** The status of /healthz; rejects while nobody listens. */
function healthz(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once("error", reject).end();
  });
}
