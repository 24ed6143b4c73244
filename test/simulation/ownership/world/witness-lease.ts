import type { WitnessAnswer, WitnessRequest } from "../../../../src/announce/votes/member.ts";

/** The witness Lease: who has it, and who may. Versions are counted by whoever keeps it. */
export class WitnessLease {
  holder = "";
  version: number;
  /** The members that may take it, and since when there have been just these, in true ms. */
  members: readonly string[];
  namedAtMs: number;
  /** Since when each of them may, in true ms. */
  readonly mayTakeSinceMs = new Map<string, number>();
  /** When it came to be free, before whoever has it now took it, in true ms; if it was taken from another: when. */
  freeSinceMs = 0;
  /** What the last write of a member made of it. */
  writtenVersion: number;
  /** When somebody else first wrote to it after that, in true ms; undefined: nobody did. */
  touchedAtMs: number | undefined;

  constructor(members: readonly string[], version: number, nowMs: number) {
    this.version = this.writtenVersion = version;
    this.freeSinceMs = nowMs;
    this.members = members;
    this.namedAtMs = nowMs;
    for (const node of members) this.mayTakeSinceMs.set(node, nowMs);
  }

  /** These alone may take it from now on. */
  name(members: readonly string[], nowMs: number): void {
    this.members = members;
    this.namedAtMs = nowMs;
    for (const node of this.mayTakeSinceMs.keys()) if (!members.includes(node)) this.mayTakeSinceMs.delete(node);
    for (const node of members) this.mayTakeSinceMs.set(node, this.mayTakeSinceMs.get(node) ?? nowMs);
    this.touch(nowMs);
  }

  /** Somebody writes to it who leaves the holder as it is. */
  touch(nowMs: number): void {
    this.version++;
    this.touchedAtMs ??= nowMs;
  }

  /** Serves a call: a write must name the version that it goes by; who is not named is denied. */
  serve(request: WitnessRequest, by: string, nowMs: number): WitnessAnswer {
    const { id, kind } = request;
    const resourceVersion = String(this.version);
    if (kind === "get") return { id, kind: "found", holder: this.holder, resourceVersion };
    if (!this.members.includes(by)) return { id, kind: "failed" };
    if (request.resourceVersion !== resourceVersion) return { id, kind: "conflict" };
    if (this.holder !== "" && kind !== "renew") this.freeSinceMs = nowMs;
    this.holder = kind === "empty" ? "" : by;
    this.writtenVersion = ++this.version;
    this.touchedAtMs = undefined;
    return { id, kind: "written", resourceVersion: String(this.version) };
  }
}
