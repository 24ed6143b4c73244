import { promises as files } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Cluster, User } from "@kubernetes/client-node";
// The package's main entry loads every generated client: 70 MB that an agent on each node would pay for; this module costs 6 MB.
import { newClusters, newContexts, newUsers } from "@kubernetes/client-node/dist/config_types.js";
import { causeText } from "./cause-text.ts";
import type { CredentialSource, Material } from "./credentials.ts";
import { type ExecRunner, openExecPlugin } from "./exec-plugin.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type RawUser = { readonly name?: string; readonly user?: { readonly tokenFile?: string } };

/** A kubeconfig as it is written; `client-node` reads what is in the lists. */
export type KubeconfigDocument = {
  readonly clusters?: unknown;
  readonly contexts?: unknown;
  readonly users?: readonly RawUser[];
  readonly "current-context"?: string;
};

/** Where a kubeconfig comes from: what errors call it, what its file names are relative to, and how it is read. */
type Origin = {
  readonly name: string;
  readonly directory: string;
  readonly read: () => Promise<KubeconfigDocument>;
};

type Selected = {
  readonly cluster: Cluster;
  readonly user: User | undefined;
  readonly tokenFile: string | undefined;
  readonly namespace: string | undefined;
  readonly directory: string;
};

/**
 * The credentials of a kubeconfig file's current context: token, token file, client certificate, basic, exec plugin,
 * impersonated user. The file is read again at each load, so a rotated one is seen; its server stays that of the start.
 * @throws {Error} if it names no usable context, or needs a proxy or one of the removed auth providers
 */
export async function kubeconfigCredentials(file: string): Promise<CredentialSource> {
  return credentialsOf({ name: file, directory: dirname(resolve(file)), read: () => readKubeconfig(file) });
}

/**
 * As `kubeconfigCredentials`, of a document that has been read already; `name` is what errors call it. Its file names are
 * relative to the working directory.
 */
export async function documentCredentials(name: string, document: KubeconfigDocument): Promise<CredentialSource> {
  return credentialsOf({ name, directory: process.cwd(), read: () => Promise.resolve(document) });
}

async function credentialsOf(origin: Origin): Promise<CredentialSource> {
  const first = await select(origin);
  const plugin = openExecPlugin();
  return {
    server: first.cluster.server,
    namespace: first.namespace,
    load: async (renew) => {
      const selected = await select(origin);
      try {
        return await material(selected, plugin, renew);
      } catch (cause) {
        throw new Error(`read kubeconfig ${origin.name}`, { cause });
      }
    },
  };
}

async function select({ name: file, directory, read }: Origin): Promise<Selected> {
  const document = await read();
  const context = newContexts(document.contexts).find(({ name }) => name === document["current-context"]);
  if (context === undefined) throw new Error(`read kubeconfig ${file}: ${lacking(document["current-context"])}`);
  const cluster = newClusters(document.clusters).find(({ name }) => name === context.cluster);
  if (cluster === undefined) throw new Error(`read kubeconfig ${file}: no cluster "${context.cluster}"`);
  if (!cluster.server) throw new Error(`read kubeconfig ${file}: cluster "${context.cluster}" has no server`);
  const user = newUsers(document.users).find(({ name }) => name === context.user);
  refuseUnsupported(file, cluster, user);
  const tokenFile = document.users?.find(({ name }) => name === context.user)?.user?.tokenFile;
  return { cluster, user, tokenFile, namespace: context.namespace, directory };
}

/** What to say of a kubeconfig without the context that it is asked for. */
function lacking(context: string | undefined): string {
  return context ? `no context "${context}"` : "it has no current-context";
}

function refuseUnsupported(file: string, cluster: Cluster, user: User | undefined): void {
  if (cluster.proxyUrl) throw new Error(`read kubeconfig ${file}: proxy-url is not supported`);
  if (user?.authProvider)
    throw new Error(`read kubeconfig ${file}: auth-provider is not supported, use an exec plugin`);
}

/**
 * What a kubeconfig file says; nothing, if it is empty.
 * @throws {Error} with the file's name and one line, if it cannot be read or is no map
 */
export async function readKubeconfig(file: string): Promise<KubeconfigDocument> {
  let document: unknown;
  try {
    document = await parsed(await files.readFile(file, "utf8"));
  } catch (cause) {
    throw new Error(`read kubeconfig ${file}: ${causeText(cause)}`, { cause });
  }
  if (typeof (document ?? {}) !== "object" || Array.isArray(document))
    throw new Error(`read kubeconfig ${file}: it is none, expected clusters, users and contexts`);
  return document ?? {};
}

async function parsed(text: string): Promise<unknown> {
  if (text.trimStart().startsWith("{")) return JSON.parse(text);
  const { parse } = await import("yaml");
  return parse(text);
}

async function material(selected: Selected, plugin: ExecRunner, renew: boolean): Promise<Material> {
  const { cluster, user, directory } = selected;
  const given = user?.exec ? await plugin(user, cluster, renew) : undefined;
  const result: Mutable<Material> = {
    insecure: cluster.skipTLSVerify === true,
    headers: { ...(await authorization(selected, given?.token)), ...impersonation(user) },
  };
  const ca = await pem(directory, cluster.caFile, cluster.caData);
  const cert = given?.cert ?? (await pem(directory, user?.certFile, user?.certData));
  const key = given?.key ?? (await pem(directory, user?.keyFile, user?.keyData));
  if (ca !== undefined) result.ca = ca;
  if (cert !== undefined) result.cert = cert;
  if (key !== undefined) result.key = key;
  if (cluster.tlsServerName) result.serverName = cluster.tlsServerName;
  return result;
}

async function authorization(
  { user, tokenFile, directory }: Selected,
  given?: string,
): Promise<Record<string, string>> {
  const fromFile = tokenFile === undefined ? undefined : await files.readFile(resolve(directory, tokenFile), "utf8");
  const token = given ?? fromFile?.trim() ?? user?.token?.trim();
  if (token) return { authorization: `Bearer ${token}` };
  if (!user?.username) return {};
  return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}` };
}

function impersonation(user: User | undefined): Record<string, string> {
  return user?.impersonateUser ? { "impersonate-user": user.impersonateUser } : {};
}

async function pem(
  directory: string,
  file: string | undefined,
  base64: string | undefined,
): Promise<string | undefined> {
  if (base64) return Buffer.from(base64, "base64").toString("utf8");
  return file ? files.readFile(resolve(directory, file), "utf8") : undefined;
}
