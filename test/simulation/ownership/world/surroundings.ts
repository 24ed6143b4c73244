import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import type { News, Rules } from "../../../../src/announce/votes/member.ts";
import type { Address } from "../../../../src/net/address.ts";
import type { Scheduler } from "../../scheduler.ts";
import type { ApiLink } from "./api-link.ts";
import type { ApiServer } from "./api-server.ts";
import type { Lan } from "./lan.ts";
import type { Machine } from "./machine.ts";

/** How the members of a run are set. */
export type MemberSettings = {
  readonly intervalMs: number;
  readonly withoutQuorum: "Keep" | "Yield";
  /** Other rules than the right ones. */
  readonly rules: Rules | undefined;
};

/** What a machine has around it. */
export type Surroundings = {
  readonly seed: number;
  readonly options: MemberSettings;
  readonly scheduler: Scheduler;
  readonly lan: Lan;
  readonly server: ApiServer;
  readonly addresses: readonly Address[];
  linkOf(machine: Machine): ApiLink;
  started(machine: Machine): void;
  send(from: Machine, to: string, heartbeat: Heartbeat): void;
  announce(from: Machine, address: number): void;
  /** A probe for the address came to the machine `at`; whoever answers for it there says so. */
  probed(at: number, from: number, address: number): void;
  told(machine: Machine, news: News): void;
  /** The machine took something in: it may answer for other addresses, or longer. */
  observed(machine: Machine): void;
  /** Nothing of it runs. */
  silenced(machine: Machine): void;
  /** It does something without end. */
  ranWild(machine: Machine, what: string): void;
  /** A line of the trace. */
  note(text: string): void;
};
