import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import type { Memory, News, WitnessRequest } from "../../../../src/announce/votes/member.ts";
import type { Process } from "./process.ts";

/** What a process has of its machine. Times are those of the machine's monotonic clock. */
export type Host = {
  nowMs(): number;
  /** Runs it then, or up to some ms late; the answer cancels it. */
  at(ms: number, run: () => void): () => void;
  in(ms: number, run: () => void): () => void;
  store(memory: Memory): void;
  send(to: string, heartbeat: Heartbeat, by: Process): void;
  ask(request: WitnessRequest, by: Process): void;
  told(news: News, by: Process): void;
  gatewayAnswers(): boolean;
  /** Asks the LAN who else answers for what it holds. */
  probe(by: Process): void;
  /** After each turn. */
  observed(by: Process): void;
  /** It has given everything away, or its time to do so is over. */
  exited(by: Process): void;
  /** It asks to be woken without end. */
  ranWild(by: Process): void;
};
