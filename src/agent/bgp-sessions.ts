import { type Silence, silenceStatus, silenceText } from "../announce/bgp-silence.ts";
import { longestNotification } from "../api/bgp-peer.ts";
import { formatTime } from "../api/condition.ts";
import { cut } from "../api/cut-text.ts";
import type { NodeBgpSession } from "../api/vip-node.ts";
import type { SessionReport } from "./bgp-ports.ts";

/** What is said of a session that is not established is renewed so often at most: it may change with each attempt. */
export const retellMs = 30_000;

const longestMessage = 1024;
const mostSessions = 64;

/** What is worth a line in the log and a count. */
export type SessionNews =
  | { readonly kind: "established" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "notification"; readonly direction: "sent" | "received"; readonly text: string }
  | { readonly kind: "bfd"; readonly state: string; readonly reason: string };

type Seen = {
  readonly report: SessionReport | undefined;
  /** When it was established or ceased to be, in ms of both clocks. */
  readonly since: Times;
  readonly flaps: number;
};

type Said = { readonly session: NodeBgpSession; readonly atMs: number };

/** This moment by the monotonic clock and by the wall clock, in ms. */
export type Times = { readonly monotonicMs: number; readonly wallMs: number };

/** A session for a gauge. */
export type SessionGauge = {
  readonly peer: string;
  readonly state: NodeBgpSession["state"];
  /** 0 while it is not established. */
  readonly uptimeMs: number;
  readonly announced: number;
  /** How often it ceased to be established. */
  readonly flaps: number;
  /** Absent: BFD is not wanted. */
  readonly bfdUp?: boolean;
  readonly counters?: SessionReport["counters"];
};

/** What the speaker said of its sessions: as they are, and as they are worth saying. */
export class BgpSessions {
  readonly #seen = new Map<string, Seen>();
  readonly #said = new Map<string, Said>();
  /** Of whom there is more to say than was said, by peer: when it may be. */
  readonly #heldBack = new Map<string, number>();

  /** From now on these are the node's peers, and of these (`idle`) there is to be no session. */
  setPeers(names: readonly string[], idle: readonly string[], now: Times): void {
    const wanted = new Set([...names, ...idle]);
    const isOver = (name: string): boolean => !wanted.has(name);
    for (const name of [...this.#seen.keys()].filter(isOver)) this.#forget(name);
    for (const name of idle) if (this.#seen.get(name)?.report !== undefined) this.#forget(name);
    for (const name of wanted)
      if (!this.#seen.has(name)) this.#seen.set(name, { report: undefined, since: now, flaps: 0 });
  }

  #forget(name: string): void {
    this.#seen.delete(name);
    this.#said.delete(name);
    this.#heldBack.delete(name);
  }

  /** Takes in a report, and gives what is new by it; of a session that is gone it is old news. */
  hear(report: SessionReport, now: Times): readonly SessionNews[] {
    const before = this.#seen.get(report.name);
    if (before === undefined) return [];
    const [was, is] = [isUp(before.report), isUp(report)];
    const again = was && is && before.report?.sinceMs !== report.sinceMs;
    const since = was === is && !again ? before.since : now;
    this.#seen.set(report.name, { report, since, flaps: before.flaps + Number(was && (!is || again)) });
    return newsOf(before.report, report, { was: was && !again, is });
  }

  /** The last report of a session that is established; undefined: it is not. */
  established(name: string): SessionReport | undefined {
    const report = this.#seen.get(name)?.report;
    return isUp(report) ? report : undefined;
  }

  /** Whether some established peer still has routes. */
  get tellsRoutes(): boolean {
    return [...this.#seen.values()].some(({ report }) => isUp(report) && report.announced > 0);
  }

  /** Whether some established peer has routes that it keeps when the session ends without a word. */
  get leavesRoutes(): boolean {
    return [...this.#seen.values()].some(({ report }) => report?.established?.gracefulRestart && report.announced > 0);
  }

  /**
   * What is worth saying of the sessions, sorted by peer, at most 64; `waiting`: what peers without a session wait for;
   * `silences`: of which families established peers are told nothing. A session
   * that comes up or is lost is told at once, one that is down only now and then, and only if there is another reason: it tries
   * again and again. How many prefixes a router announced is told when there is a digit more of them, or something else is new.
   */
  list(
    waiting: ReadonlyMap<string, string>,
    nowMs: number,
    silences: ReadonlyMap<string, Silence> = new Map(),
  ): readonly NodeBgpSession[] {
    return [...this.#seen]
      .map(([peer, seen]) =>
        this.#tell(sessionOf(peer, seen, { waits: waiting.get(peer), silence: silences.get(peer) }), nowMs),
      )
      .sort((a, b) => (a.peer < b.peer ? -1 : 1))
      .slice(0, mostSessions);
  }

  #tell(session: NodeBgpSession, nowMs: number): NodeBgpSession {
    const said = this.#said.get(session.peer);
    this.#heldBack.delete(session.peer);
    if (said !== undefined && saysTheSame(said.session, session)) return said.session;
    const down = said?.session.state !== "Established" && session.state !== "Established";
    if (said !== undefined && down && nowMs < said.atMs + retellMs) {
      this.#heldBack.set(session.peer, said.atMs + retellMs);
      return said.session;
    }
    this.#said.set(session.peer, { session, atMs: nowMs });
    return session;
  }

  /** How long until `list` may say more by time alone; Infinity: it has said all. */
  lookInMs(nowMs: number): number {
    return Math.min(...[...this.#heldBack.values()].map((atMs) => Math.max(0, atMs - nowMs)));
  }

  /** For the metrics. */
  gauges(nowMs: number): readonly SessionGauge[] {
    return [...this.#seen].map(([peer, { report, since, flaps }]) => ({
      peer,
      state: report?.state ?? "Idle",
      uptimeMs: isUp(report) ? nowMs - since.monotonicMs : 0,
      announced: report?.announced ?? 0,
      flaps,
      ...(report?.bfd && { bfdUp: report.bfd.state === "Up" }),
      ...(report && { counters: report.counters }),
    }));
  }
}

function isUp(report: SessionReport | undefined): report is SessionReport {
  return report?.state === "Established";
}

/** Whether one is not worth saying after the other: how far an attempt is, and how many prefixes exactly a router announced, is not. */
function saysTheSame(one: NodeBgpSession, other: NodeBgpSession): boolean {
  const [was, is] = [one, other].map(({ state, received }) => {
    const digits = [received?.ipv4, received?.ipv6].map((count = 0) => (count === 0 ? 0 : `${count}`.length));
    return `${state === "Established"} ${digits}`;
  });
  return was === is && told.every((key) => one[key] === other[key]);
}

const told = ["since", "message", "lastNotification", "bfd", "announced"] as const;

function newsOf(
  before: SessionReport | undefined,
  { reason, lastError = reason, lastNotification: notice, bfd }: SessionReport,
  { was, is }: { readonly was: boolean; readonly is: boolean },
): readonly SessionNews[] {
  const news: SessionNews[] = [];
  if (notice !== undefined && notice.atMs !== before?.lastNotification?.atMs)
    news.push({ kind: "notification", direction: notice.direction, text: notice.text });
  if (bfd !== undefined && before?.bfd !== undefined && (bfd.state === "Up") !== (before.bfd.state === "Up"))
    news.push({ kind: "bfd", state: bfd.state, reason: bfd.message ?? "" });
  if (was && !is) news.push({ kind: "lost", reason: lastError });
  if (!was && is) news.push({ kind: "established" });
  return news;
}

type Words = { readonly waits: string | undefined; readonly silence: Silence | undefined };

function sessionOf(
  peer: string,
  { report, since }: Seen,
  { waits = "not begun yet", silence = new Map() }: Words,
): NodeBgpSession {
  const { state = "Idle", announced = 0, lastNotification: notice, bfd, counters } = report ?? {};
  const silent = state === "Established" ? silenceStatus(silence) : undefined;
  const why = report === undefined ? waits : (report.lastError ?? report.reason);
  return {
    peer,
    state,
    since: formatTime(since.wallMs),
    message: cut(state === "Established" ? silenceText(silence) : why, longestMessage),
    ...(silent && { silent }),
    ...(notice && { lastNotification: cut(`${notice.direction}: ${notice.text}`, longestNotification) }),
    ...(bfd && { bfd: bfd.state }),
    announced,
    ...(state === "Established" && { received: receivedOf(counters) }),
  };
}

/** A router that tells a whole table would else have the status written again and again. */
const mostReceived = 10_000;

function receivedOf(counters: SessionReport["counters"] | undefined): NonNullable<NodeBgpSession["received"]> {
  const { 4: ipv4 = 0, 6: ipv6 = 0 } = counters?.receivedPrefixes ?? {};
  return { ipv4: Math.min(ipv4, mostReceived), ipv6: Math.min(ipv6, mostReceived) };
}
