import { type ListenAddress, parseListenAddress } from "../runtime/health.ts";
import { type LogLevel, logLevels } from "../runtime/log.ts";

/** What the command line says, as text. */
export type OptionTexts = Readonly<Record<keyof typeof optionTable, string>>;

/** How an agent runs. */
export type AgentOptions = {
  /** Empty: the Pod's own account, $KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string;
  readonly node: string;
  /** Whole seconds. */
  readonly leaseDurationSeconds: number;
  readonly leaseRenewSeconds: number;
  /** Whole milliseconds. */
  readonly heartbeatIntervalMs: number;
  readonly heartbeatPort: number;
  readonly withoutQuorum: "Keep" | "Yield";
  /** Empty: the Node's annotations name no routers. */
  readonly bgpAnnotationPrefix: string;
  readonly bgpDrainWaitSeconds: number;
  /** 0: routers cannot connect. */
  readonly bgpPort: number;
  readonly stateDir: string;
  readonly namespace: string;
  readonly metricsAddress: ListenAddress;
  readonly logLevel: LogLevel;
};

/** Every option of `herald agent`: its default, and what it means with its range. */
export const optionTable = {
  kubeconfig: {
    default: "",
    help: "path of a kubeconfig; empty: the Pod's own account, $KUBECONFIG or ~/.kube/config",
  },
  node: { default: "", help: "name of the Node that it runs on; empty: $NODE_NAME" },
  "lease-duration": {
    default: "30",
    help: "after so many seconds without renewal the node counts as dead: 2 to 300, whole",
  },
  "lease-renew": {
    default: "10",
    help: "seconds between two renewals: at least 0.1, at most half of --lease-duration",
  },
  "heartbeat-interval": {
    default: "100",
    help: "milliseconds between two heartbeats: 50 to 1000, whole; an address moves after five of them; best the same on all nodes",
  },
  "heartbeat-port": { default: "7474", help: "UDP port on which heartbeats are heard: 1 to 65535" },
  "without-quorum": {
    default: "Keep",
    help: "what is done with held addresses while neither enough members nor the API server answer: Keep or Yield",
  },
  "bgp-annotation-prefix": {
    default: "",
    help: "prefix of annotations of the Node that name BGP routers, such as cloud.example.com; empty: none do",
  },
  "bgp-drain-wait": {
    default: "5",
    help: "seconds that routers get to turn to other nodes before a drained one withdraws its routes: 0 to 60",
  },
  "bgp-port": {
    default: "179",
    help: "TCP port on which BGP routers may connect, opened while there is a BGPPeer; below 1024 it needs CAP_NET_BIND_SERVICE; 0: none",
  },
  "state-dir": {
    default: "/run/herald",
    help: "folder for what outlives the process, below it one for the node; it must not outlive the machine's run",
  },
  namespace: { default: "herald-system", help: "namespace of Herald's Leases" },
  "metrics-address": { default: "127.0.0.1:7473", help: "where /metrics, /healthz and /readyz are served: host:port" },
  "log-level": { default: "info", help: `one of ${logLevels.join(", ")}` },
} as const;

const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The options, or everything that is wrong with them at once; `nodeName` is what $NODE_NAME says. */
export function parseAgentOptions(
  texts: OptionTexts,
  nodeName: string | undefined,
): { readonly options: AgentOptions } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = <Value>(name: keyof OptionTexts, parse: (text: string) => Value | undefined): Value | undefined => {
    const value = parse(texts[name]);
    if (value === undefined) problems.push(`--${name}: "${texts[name]}" is none: ${optionTable[name].help}`);
    return value;
  };
  const leaseDurationSeconds = read("lease-duration", (text) => numberIn(text, { least: 2, most: 300, whole: true }));
  const longestRenew = (leaseDurationSeconds ?? 300) / 2;
  const options = {
    kubeconfig: texts.kubeconfig,
    node: read("node", (text) => matching(objectName, text === "" ? (nodeName ?? "") : text)),
    leaseDurationSeconds,
    leaseRenewSeconds: read("lease-renew", (text) => numberIn(text, { least: 0.1, most: longestRenew })),
    heartbeatIntervalMs: read("heartbeat-interval", (text) => numberIn(text, { least: 50, most: 1000, whole: true })),
    heartbeatPort: read("heartbeat-port", (text) => numberIn(text, { least: 1, most: 65535, whole: true })),
    withoutQuorum: read("without-quorum", (text) => (["Keep", "Yield"] as const).find((each) => each === text)),
    bgpAnnotationPrefix: read("bgp-annotation-prefix", (text) => (text === "" ? "" : matching(objectName, text))),
    bgpDrainWaitSeconds: read("bgp-drain-wait", (text) => numberIn(text, { least: 0, most: 60 })),
    bgpPort: read("bgp-port", (text) => numberIn(text, { least: 0, most: 65535, whole: true })),
    stateDir: read("state-dir", (text) => matching(/^\//, text)),
    namespace: read("namespace", (text) => matching(namespaceName, text)),
    metricsAddress: read("metrics-address", parseListenAddress),
    logLevel: read("log-level", (text) => logLevels.find((level) => level === text)),
  };
  return problems.length > 0 ? { problems } : { options: options as AgentOptions };
}

function matching(pattern: RegExp, text: string): string | undefined {
  return pattern.test(text) ? text : undefined;
}

type Limits = { readonly least: number; readonly most: number; readonly whole?: boolean };

function numberIn(text: string, { least, most, whole = false }: Limits): number | undefined {
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most && (!whole || Number.isInteger(value)) ? value : undefined;
}
