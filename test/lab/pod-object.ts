import type { KubeObject } from "./api-client.ts";
import type { EchoPort } from "./echo-server.ts";

/** What the lab reads of a Pod. */
export type Pod = KubeObject & {
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly containers: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};
type Container = {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string }[];
};

/** Set to "false", this annotation makes a running Pod not ready, and back: what a failing readiness probe does. */
export const readyAnnotation = "lab.herald.dev/ready";

const defaultGraceSeconds = 30;
const defaultLingerMs = 1000;

/** What one Pod needs next; the lab's kubelet and scheduler in one table. */
export type PodStep = "bind" | "start" | "report" | "end" | "remove" | "none";

/** Pure: from the object as it is (undefined: deleted) and whether a server runs for it. */
export function nextStep(pod: Pod | undefined, running: boolean): PodStep {
  if (pod === undefined) return running ? "remove" : "none";
  if (pod.spec.nodeName === undefined) return pod.metadata.deletionTimestamp === undefined ? "bind" : "none";
  if (pod.metadata.deletionTimestamp !== undefined) return "end";
  if (!running && pod.spec.hostNetwork !== true) return "start";
  return isReported(pod) ? "none" : "report";
}

function isReported(pod: Pod): boolean {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  return pod.status?.phase === "Running" && ready === wantsReady(pod);
}

function wantsReady(pod: Pod): boolean {
  return pod.metadata.annotations?.[readyAnnotation] !== "false";
}

/**
 * How long a deleted Pod serves on, in ms: its grace period, but 1 s where that is the default of 30 s, for a program that
 * is told to end rarely takes all the time it has.
 */
export function lingerMs(pod: Pod): number {
  const grace = pod.metadata.deletionGracePeriodSeconds ?? defaultGraceSeconds;
  return grace === defaultGraceSeconds ? defaultLingerMs : grace * 1000;
}

/** The declared container ports, else TCP 80; SCTP is left out. */
export function echoPorts(pod: Pod): readonly EchoPort[] {
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const ports = declared.flatMap(({ containerPort, protocol = "TCP" }) =>
    protocol === "TCP" || protocol === "UDP" ? [{ protocol, port: containerPort } as const] : [],
  );
  return ports.length > 0 ? ports : [{ protocol: "TCP", port: 80 }];
}

export type Addresses = { readonly host: readonly string[]; readonly pod: readonly string[] };

/** The status that a kubelet would write for a Pod whose containers all run. */
export function runningStatus(pod: Pod, addresses: Addresses, now: string): unknown {
  const ready = wantsReady(pod);
  const condition = (type: string, holds: boolean): unknown => ({
    type,
    status: holds ? "True" : "False",
    lastTransitionTime: now,
  });
  return {
    phase: "Running",
    startTime: now,
    hostIP: addresses.host[0],
    hostIPs: addresses.host.map((ip) => ({ ip })),
    podIP: addresses.pod[0],
    podIPs: addresses.pod.map((ip) => ({ ip })),
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", ready),
      condition("Ready", ready),
    ],
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      ready,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
    })),
  };
}
