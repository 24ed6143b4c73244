import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createSecureContext } from "node:tls";

/** How `herald admission` runs. */
export type AdmissionOptions = {
  /** Absent: the account of the Pod. */
  readonly kubeconfig?: string;
  /** TCP port for HTTPS. */
  readonly port: number;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  /** The last part of the webhook's path: `/validate/<apiPath>`. */
  readonly apiPath: string;
};

/** How long a stopping process answers what the API server still sends on connections that it has open. */
const drainMs = 5_000;

/**
 * Serves the webhooks until SIGTERM or SIGINT; then goes on answering for 5 s, closing each connection with its answer, and
 * exits with 0. `/healthz` answers 200 once reviews are served.
 * @throws {Error} before anything starts, if the port or a TLS file is not usable
 */
export async function runAdmission(options: AdmissionOptions): Promise<void> {
  checkOptions(options);
  Object.assign(process.env, environment(options));
  const { admission } = await import("../../pepr.ts");
  admission.start(options.port);
  // Pepr's own handler closes kept-alive connections at once, and the API server does not repeat a review that was cut off.
  process.removeAllListeners("SIGTERM");
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, drain);
}

function checkOptions({ port, tlsCertFile, tlsPrivateKeyFile }: AdmissionOptions): void {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error("--port is no TCP port: expected 1 to 65535");
  try {
    createSecureContext({ cert: readFileSync(tlsCertFile), key: readFileSync(tlsPrivateKeyFile) });
  } catch (cause) {
    throw new Error(`use TLS certificate ${tlsCertFile} with key ${tlsPrivateKeyFile}`, { cause });
  }
}

/** What Pepr reads when it is loaded. */
function environment({ kubeconfig, tlsCertFile, tlsPrivateKeyFile, apiPath }: AdmissionOptions): NodeJS.ProcessEnv {
  return {
    PEPR_WATCH_MODE: "false",
    PEPR_API_PATH: apiPath,
    SSL_CERT_PATH: tlsCertFile,
    SSL_KEY_PATH: tlsPrivateKeyFile,
    LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
    ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
  };
}

function drain(): void {
  subscribe("http.server.request.start", (message) => {
    const { response } = message as { response: ServerResponse };
    response.setHeader("Connection", "close");
  });
  setTimeout(() => process.exit(0), drainMs);
}
