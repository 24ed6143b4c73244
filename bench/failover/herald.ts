import { setTimeout as sleep } from "node:timers/promises";
import { inject, type Mend, restartAgent } from "../../test/lab/faults.ts";
import { openSite, type Site, settled, untilGrouped } from "../../test/lab/site.ts";
import { watchFrames } from "../../test/lab/watch.ts";
import { attempt, type Sight, type Trial } from "./trial.ts";

/** One way to lose a node or to take its addresses away, and what of it is looked at. */
export type Loss = {
  readonly what: string;
  /** The client asks who has the address: else it would not notice that an agent is gone, for its node goes on serving. */
  readonly asks: boolean;
  readonly begin: (site: Site, holder: string) => Promise<Mend>;
  /** Everything may be where it was afterwards; default: all has left the node. */
  readonly anywhere?: boolean;
  /** The fault of the same kind that keepalived is put to, if it can be. */
  readonly keepalived?: string;
};

const apiAwayMs = 3_000;

const fault =
  (name: string) =>
  ({ lab }: Site, holder: string): Promise<Mend> =>
    inject(lab, name, holder);

async function apiDownThenCut({ lab }: Site, holder: string): Promise<Mend> {
  const wake = await inject(lab, "api-stop");
  await sleep(apiAwayMs);
  const heal = await inject(lab, "both", holder);
  return async () => {
    await heal();
    await wake();
  };
}

async function drain({ cluster }: Site, holder: string): Promise<Mend> {
  const patch = async (wanted: boolean): Promise<void> => {
    const spec = JSON.stringify({ spec: { drain: wanted } });
    await cluster.kubectl(["patch", "vipnode", holder, "--type=merge", "-p", spec]);
  };
  await patch(true);
  return () => patch(false);
}

async function rollingUpgrade(site: Site): Promise<Mend> {
  for (const { name } of site.lab.nodes) {
    await site.lab.kill(`agent-${name}`, "SIGTERM");
    await restartAgent(site.lab, name);
    await untilGrouped(site);
  }
  return async () => undefined;
}

/** In the order in which they are measured. */
export const losses: readonly Loss[] = [
  { what: "node cut", asks: false, begin: fault("both"), keepalived: "both" },
  { what: "LAN cut, API alive", asks: false, begin: fault("lan"), keepalived: "lan" },
  {
    what: "LAN cut behind the switch",
    asks: false,
    begin: fault("lan-silent"),
  },
  { what: "agent SIGKILL", asks: true, begin: fault("kill") },
  { what: "agent SIGSTOP", asks: true, begin: fault("stop") },
  { what: "API down, then node cut", asks: false, begin: apiDownThenCut },
];

/** Planned moves, by which nothing may be lost. */
export const moves: readonly Loss[] = [
  { what: "SIGTERM", asks: false, begin: fault("terminate") },
  { what: "drain", asks: false, begin: drain },
  { what: "rolling upgrade of all agents", asks: false, begin: rollingUpgrade, anywhere: true },
];

/** Those of a group of two, where the witness Lease decides: with the API server alive. */
export const lossesOfTwo: readonly Loss[] = losses.filter(({ begin }) => begin !== apiDownThenCut);

/** How many nodes there are, and which has the servers and announces nothing, so that no loss of another takes servers with it. */
export type Nodes = { readonly nodes: number; readonly serversOn?: string };

export const three: Nodes = { nodes: 3, serversOn: "node3" };
export const two: Nodes = { nodes: 2 };

/** What there is to do, and who is told of it. */
export type Run = {
  readonly losses: readonly Loss[];
  readonly services: number;
  readonly repetitions: number;
  readonly report: (line: string) => void;
};

/** Puts a lab with Herald to each loss so many times. @throws {Error} if an address is not served again */
export async function heraldSights(
  { losses, services, repetitions, report }: Run,
  nodes: Nodes,
): Promise<ReadonlyMap<Loss, readonly Sight[]>> {
  const site = await openSite({ services, ...nodes });
  try {
    const sights = new Map<Loss, readonly Sight[]>();
    for (const loss of losses) {
      const seen: Sight[] = [];
      for (let i = 0; i < repetitions; i++) seen.push(await attempt(await trialOf(site, loss)));
      report(`${loss.what}: ${seen.map(({ tcpMs, lost }) => `${tcpMs.toFixed(0)} ms, ${lost} lost`).join("; ")}`);
      sights.set(loss, seen);
    }
    return sights;
  } finally {
    await site.lab.stop();
  }
}

async function trialOf(site: Site, { begin, asks, anywhere = false }: Loss): Promise<Trial> {
  const { lab, addresses } = site;
  const [ip = ""] = addresses;
  const holder = await holderOf(site, ip);
  return {
    lab,
    addresses,
    ip,
    asks,
    begin: () => begin(site, holder),
    untilServed: async (frames) => void (await settled(site, frames, (node) => anywhere || node !== holder)),
    untilMended: () => untilGrouped(site),
  };
}

async function holderOf(site: Site, ip: string): Promise<string> {
  const frames = await watchFrames(site.lab, site.addresses);
  try {
    return (await settled(site, frames)).get(ip) ?? "";
  } finally {
    frames.stop();
  }
}
