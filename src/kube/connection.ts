import { homedir } from "node:os";
import { join } from "node:path";
import type { Dispatcher } from "undici";
import { ConnectionError } from "./api-error.ts";
import { causeText } from "./cause-text.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type CredentialSource, type Material, sameTls } from "./credentials.ts";
import { type AgentPair, destroyAgents, openAgents, retireAgents, sendRequest } from "./http-agent.ts";
import { inClusterCredentials } from "./in-cluster.ts";
import { kubeconfigCredentials } from "./kubeconfig.ts";

/** One HTTP request; `path` carries its query. A stream has a connection of its own and no time limit once it has answered. */
export type HttpCall = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly stream?: boolean;
  readonly signal: AbortSignal;
};

/** An answer of whatever status; its body must be read to the end, or the signal aborted. */
export type HttpAnswer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: AsyncIterable<Uint8Array> & { text(): Promise<string> };
};

/** A way to one API server. Credentials are read again every 10 s, after a refusal (401) and after a failure. */
export type Connection = {
  readonly server: string;
  readonly namespace: string | undefined;
  /** @throws {ConnectionError} if no answer came; the signal's reason if it aborted */
  request(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
};

/** `userAgent` names us in the server's audit log. */
export type ConnectionOptions = { readonly userAgent?: string; readonly clock?: Clock };

const RELOAD_MS = 10_000;

/**
 * Opens the connection that a kubeconfig file describes; without one, the pod's service account, then $KUBECONFIG, then
 * ~/.kube/config. Nothing is sent yet.
 * @throws {Error} if the credentials cannot be read
 */
export async function openConnection(kubeconfigFile?: string, options: ConnectionOptions = {}): Promise<Connection> {
  return connectTo(await credentials(kubeconfigFile), options);
}

async function credentials(kubeconfigFile: string | undefined): Promise<CredentialSource> {
  if (kubeconfigFile !== undefined) return kubeconfigCredentials(kubeconfigFile);
  const inCluster = await inClusterCredentials();
  return inCluster ?? kubeconfigCredentials(process.env.KUBECONFIG || join(homedir(), ".kube", "config"));
}

/** Opens a connection with credentials from elsewhere. */
export async function connectTo(source: CredentialSource, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = new HttpConnection(source, await source.load(false), options);
  return connection;
}

class HttpConnection implements Connection {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  readonly #userAgent: string;
  #material: Material;
  #agents: AgentPair;
  #loadedMs: number;
  #loading: Promise<void> | undefined;

  constructor(source: CredentialSource, material: Material, options: ConnectionOptions) {
    this.server = source.server;
    this.namespace = source.namespace;
    this.#source = source;
    this.#clock = options.clock ?? systemClock;
    this.#userAgent = options.userAgent ?? "herald";
    this.#material = material;
    this.#agents = openAgents(material);
    this.#loadedMs = this.#clock.now();
  }

  async request(call: HttpCall): Promise<HttpAnswer> {
    if (this.#clock.now() - this.#loadedMs >= RELOAD_MS) await this.#reload(false);
    const presented = this.#material.headers.authorization;
    const answer = await this.#send(call);
    if (answer.status !== 401) return answer;
    await this.#reload(true);
    if (this.#material.headers.authorization === presented) return answer;
    await answer.body.text();
    return this.#send(call);
  }

  async close(): Promise<void> {
    await destroyAgents(this.#agents);
  }

  async #send(call: HttpCall): Promise<HttpAnswer> {
    const agent = call.stream ? this.#agents.watches : this.#agents.calls;
    try {
      const { statusCode, headers, body } = await sendRequest(agent, this.#options(call));
      const retryAfter = headers["retry-after"];
      return { status: statusCode, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, body };
    } catch (cause) {
      if (call.signal.aborted) throw call.signal.reason;
      this.#loadedMs = Number.NEGATIVE_INFINITY;
      throw new ConnectionError(`${call.method} ${call.path}: ${causeText(cause)}`, { cause });
    }
  }

  #options(call: HttpCall): Dispatcher.RequestOptions {
    return {
      origin: this.server,
      path: call.path,
      method: call.method,
      headers: {
        accept: "application/json",
        "user-agent": this.#userAgent,
        ...(call.contentType !== undefined && { "content-type": call.contentType }),
        ...this.#material.headers,
      },
      body: call.body ?? null,
      signal: call.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
  }

  /** A file that is missing in the middle of a rotation leaves the material as it was, until the next time. */
  #reload(renew: boolean): Promise<void> {
    this.#loading ??= this.#source
      .load(renew)
      .then(
        (material) => this.#adopt(material),
        () => undefined,
      )
      .finally(() => {
        this.#loadedMs = this.#clock.now();
        this.#loading = undefined;
      });
    return this.#loading;
  }

  #adopt(material: Material): void {
    const before = this.#agents;
    if (!sameTls(material, this.#material)) {
      this.#agents = openAgents(material);
      void retireAgents(before);
    }
    this.#material = material;
  }
}
