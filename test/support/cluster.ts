import assert from "node:assert/strict";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";
import { eventually } from "./eventually.ts";
import type { Claim } from "./lan-station.ts";

/** A Service as `kubectl get -o json` gives it, as far as the tests look. */
export type ServiceObject = {
  readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly type: string;
    readonly loadBalancerIP?: string;
    readonly clusterIP: string;
    readonly healthCheckNodePort?: number;
    readonly ports: readonly { readonly port: number; readonly protocol: string; readonly nodePort?: number }[];
  };
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string; readonly ipMode?: string }[] };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
};

const station = join(import.meta.dirname, "lan-station.ts");
const udpEcho = join(import.meta.dirname, "udp-echo.ts");

/** What the end-to-end tests do with a cluster, in the words of the tests. */
export type Cluster = ReturnType<typeof clusterOf>;

/** Wraps a lab whose Herald runs. */
export function clusterOf(lab: Lab) {
  const { kubectl } = lab;
  const get = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as T;
  const service = (name: string): Promise<ServiceObject> => get("service", name);
  const apply = async (...objects: object[]): Promise<void> => {
    const items = { apiVersion: "v1", kind: "List", items: objects };
    await kubectl(["apply", "-f", "-"], { stdin: JSON.stringify(items) });
  };
  const ingress = async (name: string, count = 1): Promise<readonly string[]> =>
    eventually(`${name} has ${count} addresses in its status`, async () => {
      const ips = ((await service(name)).status.loadBalancer.ingress ?? []).map(({ ip }) => ip);
      return ips.length === count ? ips : undefined;
    });
  const address = async (name: string): Promise<string> => (await ingress(name))[0] ?? assert.fail("no address");
  return {
    lab,
    kubectl,
    get,
    service,
    apply,
    ingress,
    address,
    /** The body that a GET through the address gives, asked from a host with a connection of its own; undefined if none comes. */
    fetch: (host: string, ip: string, port = 80): Promise<string | undefined> =>
      request(lab, host, `http://${bracketed(ip)}:${port}/`),
    /** Asks until something answers. */
    reach: (host: string, ip: string, port = 80): Promise<string> =>
      eventually(`${ip}:${port} answers ${host}`, () => request(lab, host, `http://${bracketed(ip)}:${port}/`)),
    /** What a UDP echo through the address gives; undefined if nothing comes. */
    udp: async (host: string, ip: string, port = 80): Promise<string | undefined> => {
      const { code, stdout } = await lab.exec(host, [process.execPath, udpEcho, ip, String(port)]);
      return code === 0 ? stdout : undefined;
    },
    /** The MACs that answer for an address on the LAN. */
    whoHas: async (ip: string, host = "client"): Promise<readonly string[]> =>
      JSON.parse((await lab.exec(host, [process.execPath, station, "who-has", ip])).stdout) as string[],
    /** The condition of a Service, once it is there with this status. */
    condition: (name: string, type: string, status: string) =>
      eventually(`${name} has ${type}=${status}`, async () =>
        (await service(name)).status.conditions?.find((each) => each.type === type && each.status === status),
      ),
    /** The node that the ledger names as the address's holder, once there is one (or another than `not`). */
    holder: (ip: string, not = ""): Promise<string> =>
      eventually(`${ip} is held${not && ` by another than ${not}`}`, async () => {
        const { items } = await get<{ items: { spec: { address: string }; status?: { holder?: string } }[] }>(
          "vipadvertisements",
        );
        const holder = items.find(({ spec }) => spec.address === ip)?.status?.holder;
        return holder && holder !== not ? holder : undefined;
      }),
    /** The addresses that the ledger gives to Services; what is only remembered is not among them. */
    heldAddresses: async (): Promise<readonly string[]> => {
      type Claim = { readonly spec: { readonly address: string; readonly services?: readonly object[] } };
      const { items } = await get<{ items: readonly Claim[] }>("vipadvertisements");
      return items.flatMap(({ spec }) => ((spec.services ?? []).length > 0 ? [spec.address] : []));
    },
    /** Listens on the LAN until `stop`, which gives all claims of addresses that were heard. */
    listen: async (
      host = "client",
    ): Promise<{ readonly claims: () => readonly Claim[]; readonly stop: () => readonly Claim[] }> => {
      const child = lab.spawn(host, [process.execPath, station, "listen"]);
      let output = "";
      child.stdout?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      await eventually("the station listens", () => output.includes("listening") || undefined);
      const claims = (): readonly Claim[] =>
        output
          .split("\n")
          .slice(1, -1)
          .map((line) => JSON.parse(line) as Claim);
      return {
        claims,
        stop: () => {
          child.kill();
          return claims();
        },
      };
    },
  };
}

async function request(lab: Lab, host: string, url: string): Promise<string | undefined> {
  const { code, stdout } = await lab.exec(host, ["curl", "-sS", "-m", "2", url]);
  return code === 0 ? stdout : undefined;
}

function bracketed(ip: string): string {
  return ip.includes(":") ? `[${ip}]` : ip;
}

/** An IPPool. */
export function poolObject(name: string, addresses: readonly string[], spec: object = {}): object {
  return { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name }, spec: { addresses, ...spec } };
}

/** A Service of type LoadBalancer for the Pods with label `app`. */
export function serviceObject(name: string, app: string, spec: object = {}, annotations: object = {}): object {
  const base = { type: "LoadBalancer", selector: { app }, ports: [{ name: "http", port: 80, protocol: "TCP" }] };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", annotations },
    spec: { ...base, ...spec },
  };
}

/** A Deployment of echo servers for TCP and UDP on port 80. */
export function deploymentObject(name: string, replicas: number): object {
  const labels = { app: name };
  const ports = [
    { name: "http", containerPort: 80, protocol: "TCP" },
    { name: "echo", containerPort: 80, protocol: "UDP" },
  ];
  const template = { metadata: { labels }, spec: { containers: [{ name: "echo", image: "echo", ports }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}
