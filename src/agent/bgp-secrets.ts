import type { BgpPeer } from "../api/bgp-peer.ts";
import type { PasswordAnswer } from "./bgp-ports.ts";

/** So often each Secret is read, as long as they are few: one that is missing may come, and one that is there may get another password. */
export const secretLookMs = 30_000;

/** The least time from one Secret to the next: with more than six each is read less often. */
const perSecretMs = 5_000;

type Entry = {
  /** Of the peers that name it: one that changes is a reason to look. */
  readonly peers: string;
  readonly password?: string;
  readonly problem?: string;
  readonly nextMs: number;
  /** It has been read, so that its next turns come at its own time and not at that of all nodes. */
  readonly spread?: true;
};

/** The passwords of the Secrets that a node's peers name. All times are ms of one monotonic clock. */
export class SecretBook {
  #entries = new Map<string, Entry>();
  readonly #random: () => number;

  /** `random`: in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Takes over what was known before a restart; it is read anew as soon as the API server can be asked. */
  recall(passwords: ReadonlyMap<string, string>): void {
    for (const [secret, password] of passwords)
      this.#entries.set(secret, { peers: "", password, nextMs: Number.NEGATIVE_INFINITY });
  }

  /** From now on these peers count; a Secret that a changed peer names is due. */
  setPeers(peers: readonly BgpPeer[]): void {
    const named = new Map<string, string>();
    for (const { name, uid, generation, password } of peers) {
      if (password === undefined || "text" in password) continue;
      named.set(password.secret, `${named.get(password.secret) ?? ""} ${name}/${uid}/${generation}`);
    }
    const before = this.#entries;
    this.#entries = new Map(
      [...named].map(([secret, key]) => {
        const entry = before.get(secret);
        const same = entry?.peers === key;
        return [secret, same ? entry : { ...entry, peers: key, nextMs: Number.NEGATIVE_INFINITY }] as const;
      }),
    );
  }

  /** What is known of a Secret; a password that was there counts until there is another. */
  readonly get = (secret: string): Pick<Entry, "password" | "problem"> | undefined => this.#entries.get(secret);

  /** The passwords that are known, by the name of the Secret. */
  known(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#entries].flatMap(([secret, { password }]) =>
        password === undefined ? [] : [[secret, password] as const],
      ),
    );
  }

  /** The Secrets to read now. */
  due(nowMs: number): readonly string[] {
    return [...this.#entries].filter(([, { nextMs }]) => nextMs <= nowMs).map(([secret]) => secret);
  }

  /** Takes in what came of reading one. */
  note(secret: string, answer: PasswordAnswer, nowMs: number): void {
    const entry = this.#entries.get(secret);
    if (entry === undefined) return;
    const { problem: _, ...before } = entry;
    const after = answer.kind === "password" ? { password: answer.password } : { problem: answer.message };
    const everyMs = Math.max(secretLookMs, perSecretMs * this.#entries.size);
    const inMs = entry.spread ? everyMs : everyMs * (1 - this.#random());
    this.#entries.set(secret, { ...before, ...after, nextMs: nowMs + inMs, spread: true });
  }

  /** What is wrong with Secrets, in words, sorted by name; not that one has not been read yet. */
  problems(): readonly string[] {
    const wrong = [...this.#entries].flatMap(([secret, { problem }]) =>
      problem === undefined ? [] : [[secret, problem] as const],
    );
    return wrong.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
  }

  /** How long until one is due; Infinity: none is named. */
  lookInMs(nowMs: number): number {
    return Math.min(...[...this.#entries.values()].map(({ nextMs }) => Math.max(0, nextMs - nowMs)));
  }
}
