import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, doubles, type Period, silences } from "../../test/lab/answers.ts";
import type { AttachedLab } from "../../test/lab/attached.ts";
import { type Attempt, counts, outageMs } from "../../test/lab/flows.ts";
import { monotonicMs } from "../../test/lab/monotonic.ts";
import { type Watch, watchFlows, watchFrames } from "../../test/lab/watch.ts";

/** What is broken and mended, and what is looked at meanwhile. */
export type Trial = {
  readonly lab: AttachedLab;
  readonly addresses: readonly string[];
  /** The address to which the client connects. */
  readonly ip: string;
  /** The client forgets each 0.1 s who has the address; else it believes what it hears unasked. */
  readonly asks: boolean;
  /** Breaks it, and gives what mends it. */
  readonly begin: () => Promise<() => Promise<void>>;
  /** Resolves once all addresses are answered for as they should be. */
  readonly untilServed: (frames: Watch<Answer>) => Promise<void>;
  /** Resolves once everything is as it was before. */
  readonly untilMended: () => Promise<void>;
};

/** What was seen from outside; times in ms. */
export type Sight = {
  /** The longest silence of each address, as far as it is longer than the questions are apart. */
  readonly silentMs: readonly number[];
  /** For how long two stations answered for an address, at most, until some time after it was mended. */
  readonly doubleMs: number;
  readonly tcpMs: number;
  readonly udpMs: number;
  readonly attempts: number;
  readonly lost: number;
};

/** How far apart the questions for one address are. */
export const askEveryMs = 25;

const tryEveryMs = 5;
/** For a client that asks: what takes longer had to wait for somebody to answer for the address. */
const forgetting = { forgetEveryMs: 100, patienceMs: 100 };
const settleMs = 1_000;
/** Until the last attempt has been given up. */
const lateMs = 1_000;
/** Of an address for which somebody answers all the time; more is a silence. */
const longestRestMs = 3 * askEveryMs;
/** A station that was silent for longer is taken to have stopped. */
const patienceMs = 10 * askEveryMs;

/** Breaks something once, mends it, and says what clients and the LAN saw of it. @throws {Error} if it is not served again */
export async function attempt(trial: Trial): Promise<Sight> {
  const { lab, addresses, ip, asks } = trial;
  const frames = await watchFrames(lab, addresses, askEveryMs);
  const order = { ip, everyMs: tryEveryMs, ...(asks && forgetting) };
  const tcp = await watchFlows(lab, { ...order, protocol: "TCP" });
  const udp = await watchFlows(lab, { ...order, protocol: "UDP" });
  try {
    await sleep(settleMs);
    const fromMs = monotonicMs();
    const mend = await trial.begin();
    await trial.untilServed(frames);
    await sleep(lateMs);
    const toMs = monotonicMs();
    const flows = [tcp.stop(), udp.stop()] as const;
    await mend();
    await trial.untilMended();
    return sight({ answers: frames.stop(), flows, period: { addresses, fromMs, toMs, pauses: frames.pauses() } });
  } finally {
    for (const watch of [frames, tcp, udp]) watch.stop();
  }
}

type Seen = {
  readonly answers: readonly Answer[];
  readonly flows: readonly [tcp: readonly Attempt[], udp: readonly Attempt[]];
  readonly period: Period;
};

function sight({ answers, flows: [tcp, udp], period }: Seen): Sight {
  const both = [counts(tcp), counts(udp)];
  return {
    silentMs: silences(answers, period).map(({ forMs }) => (forMs > longestRestMs ? forMs : 0)),
    doubleMs: Math.max(0, ...doubles(answers, patienceMs).map(({ forMs }) => forMs)),
    tcpMs: outageMs(tcp, period.fromMs),
    udpMs: outageMs(udp, period.fromMs),
    attempts: both.reduce((sum, { attempts }) => sum + attempts, 0),
    lost: both.reduce((sum, { lost }) => sum + lost, 0),
  };
}
