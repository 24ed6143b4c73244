import type { Respect } from "../announce/standing.ts";
import { type ListenAddress, parseListenAddress } from "../runtime/health.ts";
import { type LogLevel, logLevels } from "../runtime/log.ts";

/** What the command line says, as text. */
export type OptionTexts = Readonly<Record<keyof typeof optionTable, string>>;

const rebalances = ["Off", "Auto"] as const;

/** Whether addresses move for the sake of balance alone. */
export type Rebalance = (typeof rebalances)[number];

/** How the controller runs. */
export type ControllerOptions = {
  /** Empty: the Pod's own account, $KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string;
  readonly defaultClass: boolean;
  readonly allowForeignAddresses: boolean;
  readonly writeLoadBalancerIP: boolean;
  readonly observe: boolean;
  /** Off: addresses stay where they are until somebody asks. */
  readonly rebalance: Rebalance;
  /** What of a Node, besides what always does, keeps addresses away from it. */
  readonly respect: Respect;
  readonly leaderElect: boolean;
  readonly namespace: string;
  readonly metricsAddress: ListenAddress;
  readonly logLevel: LogLevel;
};

/** Every option of `herald controller`: its default, and what it means with its range. */
export const optionTable = {
  kubeconfig: {
    default: "",
    help: "path of a kubeconfig; empty: the Pod's own account, $KUBECONFIG or ~/.kube/config",
  },
  "default-class": { default: "true", help: "also serve Services without a loadBalancerClass: true or false" },
  "allow-foreign-addresses": {
    default: "false",
    help: "let Services ask for addresses outside all pools: true or false",
  },
  "write-load-balancer-ip": {
    default: "true",
    help: "write the first address into spec.loadBalancerIP: true or false",
  },
  observe: {
    default: "false",
    help: "only write down which addresses Services show, give and announce none: true or false",
  },
  rebalance: {
    default: "Off",
    help: "Auto: move addresses, one at a time, until the nodes differ by one; Off: only when somebody asks",
  },
  "respect-cordon": { default: "false", help: "move addresses away from cordoned nodes: true or false" },
  "respect-out-of-service": {
    default: "false",
    help: "give no address to nodes with taint node.kubernetes.io/out-of-service: true or false",
  },
  "leader-elect": { default: "true", help: "work only while holding the Lease herald-controller: true or false" },
  namespace: { default: "herald-system", help: "namespace of Herald's Leases" },
  "metrics-address": { default: "127.0.0.1:7475", help: "where /metrics, /healthz and /readyz are served: host:port" },
  "log-level": { default: "info", help: `one of ${logLevels.join(", ")}` },
} as const;

/** The options, or everything that is wrong with them at once. */
export function parseControllerOptions(
  texts: OptionTexts,
): { readonly options: ControllerOptions } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = <Value>(
    name: keyof typeof optionTable,
    parse: (text: string) => Value | undefined,
  ): Value | undefined => {
    const value = parse(texts[name]);
    if (value === undefined) problems.push(`--${name}: "${texts[name]}" is none: ${optionTable[name].help}`);
    return value;
  };
  const options = {
    kubeconfig: texts.kubeconfig,
    defaultClass: read("default-class", parseBoolean),
    allowForeignAddresses: read("allow-foreign-addresses", parseBoolean),
    writeLoadBalancerIP: read("write-load-balancer-ip", parseBoolean),
    observe: read("observe", parseBoolean),
    rebalance: read("rebalance", (text) => rebalances.find((each) => each === text)),
    respect: {
      cordon: read("respect-cordon", parseBoolean),
      outOfService: read("respect-out-of-service", parseBoolean),
    },
    leaderElect: read("leader-elect", parseBoolean),
    namespace: read("namespace", (text) => (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text) ? text : undefined)),
    metricsAddress: read("metrics-address", parseListenAddress),
    logLevel: read("log-level", (text) => logLevels.find((level) => level === text)),
  };
  return problems.length > 0 ? { problems } : { options: options as ControllerOptions };
}

function parseBoolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}
