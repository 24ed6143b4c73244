import { type Address, formatAddress } from "../net/address.ts";
import type { AgentParts } from "./agent-parts.ts";
import type { SessionNews } from "./bgp-sessions.ts";
import type { News } from "./news.ts";
import type { GroupReport } from "./ports.ts";

/** Says once in log and metrics what has changed; at rest, nothing. */
export class Journal {
  readonly #parts: Pick<AgentParts, "log" | "metrics">;

  constructor(parts: Pick<AgentParts, "log" | "metrics">) {
    this.#parts = parts;
  }

  /** An address changed hands, or is in trouble. */
  note(address: Address, news: News): void {
    const { log, metrics } = this.#parts;
    const fields = { address: formatAddress(address) };
    switch (news.kind) {
      case "ownership":
        metrics.ownershipChanged(news.change, news.cause);
        log.info({ ...fields, cause: news.cause }, messages[news.change]);
        break;
      case "trouble":
        if (news.trouble.reason === "Conflict") metrics.conflictFound();
        log.warn({ ...fields, reason: news.trouble.reason, detail: news.trouble.message }, "address in trouble");
        break;
    }
  }

  /** A group has a quorum now, or has none any more. */
  quorumChanged({ name, epoch, quorum, hears }: GroupReport): void {
    const fields = { group: name, epoch, hears };
    if (quorum) this.#parts.log.info(fields, "group has a quorum");
    else this.#parts.log.warn(fields, "group has no quorum: nothing is taken");
  }

  /** The session with a peer came up, was lost, or said something. */
  session(peer: string, news: SessionNews): void {
    const { log } = this.#parts;
    switch (news.kind) {
      case "established":
        log.info({ peer }, "BGP session established");
        break;
      case "lost":
        log.warn({ peer, reason: news.reason }, "BGP session lost");
        break;
      case "notification":
        log.warn({ peer, notification: news.text }, `BGP notification ${news.direction}`);
        break;
      case "bfd":
        log.info({ peer, state: news.state, reason: news.reason }, "BFD session changed");
        break;
    }
  }

  /** Something is wrong with the speaker that is no address's. */
  speakerInTrouble(about: string, detail: string): void {
    this.#parts.log.warn({ about, detail }, "speaker in trouble");
  }
}

const messages = { announced: "address announced", withdrawn: "address withdrawn" };
