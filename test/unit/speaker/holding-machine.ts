/** What the tests of the holdings share: a machine whose votes, interfaces and clock are set by hand. */
import { formatAddress } from "../../../src/net/address.ts";
import { formatMac, type Mac } from "../../../src/net/mac.ts";
import type { HoldingLan } from "../../../src/speaker/holding-ports.ts";
import { type Given, Holdings } from "../../../src/speaker/holdings.ts";
import type { AnnounceCommand, AnnounceTarget } from "../../../src/speaker/messages.ts";
import { address } from "../../support/builders.ts";

/** The address of these tests. */
export const vip = address("192.0.2.7");
/** Of no member. */
export const stranger = Uint8Array.of(2, 0, 0, 0, 0, 9);
/** Of a member. */
export const memberMac = Uint8Array.of(2, 0, 0, 0, 0, 2);

/** The wish for the address, held on eth0 in mode Responder without a probe if nothing else is said. */
export function announce(
  target: Partial<AnnounceTarget> = {},
  changes: Partial<AnnounceCommand> = {},
): AnnounceCommand {
  const wanted = { interface: "eth0", mode: "Responder", probe: false, ...target } as const;
  const wish = { address: vip, group: "lan", node: "node1", generation: 1, willing: true } as const;
  return { kind: "announce", ...wish, target: wanted, ...changes };
}

/** That the votes of the group which `announce` names give or take it. */
export function by(cause: string): Given {
  return { group: "lan", cause };
}

/** The wish of a node that cannot hold it. */
export function withoutTarget(): AnnounceCommand {
  const { target: _, ...command } = announce();
  return command;
}

/** Where the address is announced, and another LAN of the same machine. */
export const here = { address: vip, lanIndex: 2 };
export const elsewhere = { address: vip, lanIndex: 3 };
/** A time that no vote of these tests reaches. */
export const late = 1_000_000;

/** Holdings in a world of the interfaces eth0, which may go, and eth1; and a protocol of all that they do there. */
export class Machine {
  readonly log: string[] = [];
  lan: HoldingLan | undefined = this.#newLan(here.lanIndex);
  readonly #other = this.#newLan(elsewhere.lanIndex);
  putFailure: string | undefined;
  untilMs = late;
  quorum = true;
  readonly holdings = new Holdings({
    lanOf: (name) => {
      const lan = { eth0: this.lan, eth1: this.#other }[name];
      return lan === undefined ? { failure: `interface ${name} is down` } : { lan };
    },
    kernelAddresses: {
      put: (entry) => {
        this.log.push(`put ${formatAddress(entry.address)}`);
        return this.putFailure;
      },
      remove: (which) => this.log.push(`remove ${formatAddress(which)}`),
    },
    votes: {
      answersUntilMs: () => this.untilMs,
      hasQuorum: () => this.quorum,
      isMember: (_, mac) => formatMac(mac) === formatMac(memberMac),
      foreign: () => this.log.push("votes told"),
    },
    report: (report) => this.log.push(`report ${report.kind}${"cause" in report ? `: ${report.cause}` : ""}`),
  });

  /** What was done since the last call. */
  done(): readonly string[] {
    return this.log.splice(0);
  }

  claim(nowMs: number, mac: Mac = stranger, where = here): void {
    this.holdings.happened(where, { kind: "claim", mac }, nowMs);
  }

  loseLan(): void {
    const lost = this.lan;
    this.lan = undefined;
    if (lost !== undefined) this.holdings.lost(new Set([lost]));
  }

  regainLan(nowMs: number): void {
    this.lan = this.#newLan(here.lanIndex);
    this.holdings.retry(nowMs);
  }

  #newLan(index: number): HoldingLan {
    return {
      index,
      join: () => this.log.push("join"),
      leave: () => this.log.push("leave"),
      send: (_, frame) => this.log.push(`send ${frame}`),
    };
  }
}

/** A machine that was told of the address and given it by the votes. */
export function given(target: Partial<AnnounceTarget> = {}): Machine {
  const machine = new Machine();
  machine.holdings.announce(announce(target), 0);
  machine.holdings.begin(vip, by("placed"), 0);
  return machine;
}

/** As `given`, with what that did forgotten. */
export function holding(target: Partial<AnnounceTarget> = {}): Machine {
  const machine = given(target);
  machine.done();
  return machine;
}

/** Lets the two probes of a first use leave at once, and be unanswered. */
export function probe({ holdings }: Machine): void {
  for (const ms of [0, 15]) {
    holdings.happened(here, { kind: "probeLeft" }, ms);
    holdings.tick(ms + 15);
  }
}
