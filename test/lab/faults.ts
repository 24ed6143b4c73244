import { join } from "node:path";
import type { AttachedLab, Cable } from "./attached.ts";
import { delayHeartbeats, stopDelaying } from "./delays.ts";
import { type FrameRule, heartbeats, loseFrames, lossNames, passFrames, randomly } from "./frame-rules.ts";
import { type StalledThread, stallAgent } from "./stalls.ts";

/** One way in which a lab can be broken, and mended again by any process that knows the same words. */
export type Fault = {
  /** The words after its name, such as `NODE`. */
  readonly takes: readonly string[];
  readonly what: string;
  begin(lab: AttachedLab, words: readonly string[], name: string): Promise<void>;
  end(lab: AttachedLab, words: readonly string[], name: string): Promise<void>;
};

const cable = (kind: Cable, what: string): Fault => ({
  takes: ["NODE"],
  what,
  begin: (lab, [node = ""]) => lab.cut(node, kind),
  end: (lab, [node = ""]) => lab.heal(node),
});

const loss = (
  takes: readonly string[],
  what: string,
  rules: (words: readonly string[]) => readonly FrameRule[],
): Fault => ({
  takes,
  what,
  begin: (lab, words, name) => loseFrames(lab, [name, ...words].join(" "), rules(words)),
  end: (lab, words, name) => passFrames(lab, [name, ...words].join(" ")),
});

const bothWays = (a: string, b: string, only: readonly string[] = []): readonly FrameRule[] => [
  { from: a, to: b, only },
  { from: b, to: a, only },
];

const ended = (signal: NodeJS.Signals, what: string): Fault => ({
  takes: ["NODE"],
  what,
  begin: (lab, [node = ""]) => lab.killAgent(node, signal),
  end: (lab, [node = ""]) => restartAgent(lab, node),
});

const readyProbe = join(import.meta.dirname, "await-ready.ts");

/** Resolves once it serves. @throws {Error} if it cannot be started */
export async function restartAgent(lab: AttachedLab, node: string): Promise<void> {
  await lab.restart(`agent-${node}`);
  await lab.exec(node, [process.execPath, readyProbe, "http://127.0.0.1:7473/readyz"]);
}

/** All that `lab fault` can do, by name. Faults of one node's cables are mended together. */
export const faults: Readonly<Record<string, Fault>> = {
  lan: cable("lan", "the node's LAN cable, with loss of the carrier on both ends"),
  "lan-silent": cable("lan-silent", "the node's LAN, behind the switch's port: the carrier stays"),
  management: cable("management", "the node's way to the API server"),
  both: cable("both", "LAN, with loss of the carrier, and the way to the API server"),
  "one-way": loss(["FROM", "TO"], "TO gets nothing that FROM sends on the LAN", ([from = "", to = ""]) => [
    { from, to },
  ]),
  apart: loss(["HOST", "HOST"], "two hosts get nothing from each other; all others hear both", ([a = "", b = ""]) =>
    bothWays(a, b),
  ),
  "heartbeats-one-way": loss(["FROM", "TO"], "TO gets no heartbeats of FROM", ([from = "", to = ""]) => [
    { from, to, only: heartbeats },
  ]),
  heartbeats: loss(["NODE", "NODE"], "two nodes get no heartbeats of each other", ([a = "", b = ""]) =>
    bothWays(a, b, heartbeats),
  ),
  "heartbeats-of": loss(["NODE"], "no heartbeats from a node, and none to it", ([node = ""]) => [
    { from: node, only: heartbeats },
    { to: node, only: heartbeats },
  ]),
  loss: loss(["NODE", "PERCENT"], "so many of a hundred frames at random, either way", ([node = "", percent = ""]) => [
    { from: node, only: randomly(Number(percent)) },
    { to: node, only: randomly(Number(percent)) },
  ]),
  kill: ended("SIGKILL", "the node's agent by SIGKILL; it is started again at the end"),
  terminate: ended("SIGTERM", "the node's agent by SIGTERM; it is started again at the end"),
  stop: {
    takes: ["NODE"],
    what: "the node's agent stands still (SIGSTOP), and goes on at the end (SIGCONT)",
    begin: (lab, [node = ""]) => lab.signal(`agent-${node}`, "SIGSTOP"),
    end: (lab, [node = ""]) => lab.signal(`agent-${node}`, "SIGCONT"),
  },
  stall: {
    takes: ["NODE", "main|speaker", "MS", "EVERY_MS"],
    what: "a thread of the node's agent stands still for MS of each EVERY_MS; EVERY_MS 0: once",
    begin: (lab, [node = "", thread = "", forMs = "", everyMs = "0"]) =>
      stallAgent(lab, node, { thread: thread as StalledThread, forMs: Number(forMs), everyMs: Number(everyMs) }),
    end: (lab, [node = "", thread = ""]) =>
      stallAgent(lab, node, { thread: thread as StalledThread, forMs: 0, everyMs: 0 }),
  },
  hogs: {
    takes: ["COUNT"],
    what: "so many programs that each want a whole core",
    begin: async (lab, [count = ""]) => {
      const argv = [process.execPath, "-e", "for (;;);"];
      for (let i = 1; i <= Number(count); i++) await lab.start(`hog-${i}`, "top", argv);
    },
    end: endHogs,
  },
  delay: {
    takes: ["NODE", "MS", "MS"],
    what: "heartbeats reach the node so much later, at least and at most: they overtake each other",
    begin: (lab, [node = "", least = "", most = ""]) => delayHeartbeats(lab, node, Number(least), Number(most)),
    end: (lab, [node = ""]) => stopDelaying(lab, node),
  },
  "api-stop": {
    takes: [],
    what: "the API server stands still: connections open, nothing answers",
    begin: (lab) => lab.signal("apiserver", "SIGSTOP"),
    end: (lab) => lab.signal("apiserver", "SIGCONT"),
  },
  "api-kill": {
    takes: [],
    what: "the API server by SIGKILL; it is started again at the end",
    begin: (lab) => lab.kill("apiserver", "SIGKILL"),
    end: (lab) => lab.restart("apiserver"),
  },
  controller: {
    takes: [],
    what: "Herald's controller by SIGKILL; it is started again at the end",
    begin: (lab) => lab.kill("controller", "SIGKILL"),
    end: (lab) => lab.restart("controller"),
  },
};

/** Mends what a fault broke. */
export type Mend = () => Promise<void>;

/**
 * Breaks something, and gives what mends it; calling that again is harmless for all faults but those that start a program.
 * @throws {Error} that says what the fault takes, or what the lab says of it
 */
export async function inject(lab: AttachedLab, name: string, ...words: readonly string[]): Promise<Mend> {
  const fault = checked(lab, name, words);
  await fault.begin(lab, words, name);
  return () => fault.end(lab, words, name);
}

/** Mends what `inject` broke with the same words. @throws {Error} as `inject` does */
export async function mend(lab: AttachedLab, name: string, ...words: readonly string[]): Promise<void> {
  await checked(lab, name, words).end(lab, words, name);
}

/** Mends all cables, lets all frames pass, and lets everything that stands still go on; it starts no program. */
export async function mendAll(lab: AttachedLab): Promise<void> {
  await endHogs(lab);
  await lab.signal("apiserver", "SIGCONT");
  for (const name of await lossNames(lab)) await passFrames(lab, name);
  for (const { name } of lab.nodes) {
    await lab.signal(`agent-${name}`, "SIGCONT");
    await stopDelaying(lab, name).catch(() => undefined);
    await lab.heal(name);
  }
}

/** They are numbered from 1. */
async function endHogs(lab: AttachedLab): Promise<void> {
  const isKilled = (name: string): Promise<boolean> =>
    lab.kill(name, "SIGKILL").then(
      () => true,
      () => false,
    );
  for (let i = 1; await isKilled(`hog-${i}`); i++);
}

/** The faults as a text for people, and what loses frames at present. */
export async function faultList(lab: AttachedLab | undefined): Promise<string> {
  const lines = Object.entries(faults).map(([name, { takes, what }]) => {
    const call = [name, ...takes].join(" ");
    return `${call.padEnd(38)} ${what}`;
  });
  const lost = lab === undefined ? [] : await lossNames(lab);
  return [...lines, ...lost.map((name) => `at present frames are lost by: ${name}`)].join("\n");
}

function checked(lab: AttachedLab, name: string, words: readonly string[]): Fault {
  const fault = faults[name];
  if (fault === undefined) throw new Error(`no fault ${name}: there are ${Object.keys(faults).join(", ")}`);
  const wanted = `${[name, ...fault.takes].join(" ")}`;
  if (words.length !== fault.takes.length) throw new Error(`fault ${name}: expected "${wanted}"`);
  const problem = fault.takes.map((take, i) => wordProblem(lab, take, words[i] ?? "")).find(Boolean);
  if (problem !== undefined) throw new Error(`fault ${wanted}: ${problem}`);
  return fault;
}

function wordProblem({ nodes }: AttachedLab, take: string, word: string): string | undefined {
  const names = nodes.map(({ name }) => name);
  const hosts = [...names, "client", "router"];
  if (take === "NODE") return oneOf(names, word);
  if (["HOST", "FROM", "TO"].includes(take)) return oneOf(hosts, word);
  if (take.includes("|")) return oneOf(take.split("|"), word);
  return /^\d+(\.\d+)?$/.test(word) ? undefined : `"${word}" is no number`;
}

function oneOf(expected: readonly string[], word: string): string | undefined {
  return expected.includes(word) ? undefined : `"${word}" is none of ${expected.join(", ")}`;
}
