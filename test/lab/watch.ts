import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { type Answer, decodeSight, type Pause } from "./answers.ts";
import type { AttachedLab } from "./attached.ts";
import type { Attempt, FlowOrder } from "./flows.ts";
import { router } from "./layout.ts";
import type { FrameOrder } from "./watch-frames.ts";
import type { RouteSight } from "./watch-routes.ts";

/** A watcher that runs in the lab. */
export type Watch<Item> = {
  /** What it has seen until now: answers in the order of their frames, attempts in that of their ends. Grows. */
  seen(): readonly Item[];
  /** Ends it, and gives all that it saw. */
  stop(): readonly Item[];
};

/** Of frames: `seen` gives the answers. */
export type FrameWatch = Watch<Answer> & {
  /** When the watcher itself was kept waiting, in its whole time. */
  pauses(): readonly Pause[];
};

const defaultEveryMs = 20;

/**
 * Asks for addresses from the router, where it disturbs no client's memory of them, and notes who says that he has them;
 * each address is asked for again after 20 ms, unless told otherwise. Resolves once it watches.
 */
export async function watchFrames(
  lab: AttachedLab,
  addresses: readonly string[],
  everyMs = defaultEveryMs,
): Promise<FrameWatch> {
  const order: FrameOrder = { addresses, asker: router.lan4, everyMs };
  const answers: Answer[] = [];
  const pauses: Pause[] = [];
  const onLine = (line: string): void => {
    const sight = decodeSight(line);
    if ("mac" in sight) answers.push(sight);
    else pauses.push(sight);
  };
  const end = await watch(lab, "router", { script: "watch-frames.ts", order, onLine });
  return { ...watchOf(answers, end), pauses: () => pauses };
}

/** Opens connections or sends echoes from the client. Resolves once it has begun. */
export async function watchFlows(lab: AttachedLab, order: FlowOrder): Promise<Watch<Attempt>> {
  const attempts: Attempt[] = [];
  const onLine = (line: string): void => void attempts.push(JSON.parse(line) as Attempt);
  return watchOf(attempts, await watch(lab, "client", { script: "watch-flows.ts", order, onLine }));
}

/** Notes each change of a route of the router's kernel. Resolves once it watches. */
export async function watchRoutes(lab: AttachedLab): Promise<Watch<RouteSight>> {
  const sights: RouteSight[] = [];
  const onLine = (line: string): void => void sights.push(JSON.parse(line) as RouteSight);
  return watchOf(sights, await watch(lab, "router", { script: "watch-routes.ts", order: {}, onLine }));
}

function watchOf<Item>(items: readonly Item[], end: () => void): Watch<Item> {
  return {
    seen: () => items,
    stop: () => {
      end();
      return items;
    },
  };
}

type Watcher = { readonly script: string; readonly order: object; readonly onLine: (line: string) => void };

/** Before all others, where that is allowed: a watcher that waits sees silence where there was none. */
const first: readonly string[] = ["nice", "-n", "-15"];

async function watch(lab: AttachedLab, host: string, { script, order, onLine }: Watcher): Promise<() => void> {
  const argv = [...first, process.execPath, join(import.meta.dirname, script), JSON.stringify(order)];
  const child = lab.spawn(host, argv);
  let rest = "";
  let begun = false;
  child.stderr?.pipe(process.stderr);
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (begun) onLine(line);
      begun ||= line === "watching";
    }
  });
  await eventually(`${script} watches`, () => begun || undefined);
  return () => void child.kill();
}
