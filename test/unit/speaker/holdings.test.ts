import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAddress } from "../../../src/net/address.ts";
import type { HoldingLan } from "../../../src/speaker/holding-ports.ts";
import { Holdings } from "../../../src/speaker/holdings.ts";
import type { AnnounceCommand } from "../../../src/speaker/messages.ts";
import { address } from "../../support/builders.ts";

const vip = address("192.0.2.7");
const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);

function announce(options: Partial<AnnounceCommand> = {}): AnnounceCommand {
  return { kind: "announce", address: vip, interface: "eth0", mode: "Responder", probe: false, ...options };
}

/** Where the address is announced, and another LAN of the same machine. */
const here = { address: vip, lanIndex: 2 };
const elsewhere = { address: vip, lanIndex: 3 };

/** Holdings in a world of the interfaces eth0, which may go, and eth1; and a protocol of all that they do there. */
class Machine {
  readonly log: string[] = [];
  lan: HoldingLan | undefined = this.#newLan(here.lanIndex);
  readonly #other = this.#newLan(elsewhere.lanIndex);
  putFailure: string | undefined;
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
    report: ({ kind }) => this.log.push(`report ${kind}`),
  });

  /** What was done since the last call. */
  done(): readonly string[] {
    return this.log.splice(0);
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

/** A machine that holds the address. */
function holding(options: Partial<AnnounceCommand> = {}): Machine {
  const machine = new Machine();
  machine.holdings.apply(announce(options), 0);
  machine.done();
  return machine;
}

/** Lets the two probes of a first use leave at once, and be unanswered. */
function probe({ holdings }: Machine): void {
  for (const ms of [0, 15]) {
    holdings.happened(here, { kind: "probeLeft" }, ms);
    holdings.tick(ms + 15);
  }
}

describe("announcing", () => {
  it("in mode Responder the address is answered for, and nothing put on the interface", () => {
    const machine = new Machine();
    machine.holdings.apply(announce(), 0);
    assert.deepEqual(machine.done(), ["join", "send takeOver", "report announced"]);
    assert.equal(machine.holdings.answersFor(here), true);
  });

  it("in mode Address the address is on the interface before it is announced, and the kernel answers", () => {
    const machine = new Machine();
    machine.holdings.apply(announce({ mode: "Address" }), 0);
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "send takeOver", "report announced"]);
    assert.equal(machine.holdings.answersFor(here), false);
  });

  it("while it is probed, nobody answers and nothing is on the interface", () => {
    const machine = new Machine();
    machine.holdings.apply(announce({ mode: "Address", probe: true }), 0);
    assert.deepEqual(machine.done(), ["join", "send probe"]);
    probe(machine);
    assert.deepEqual(machine.done(), ["send probe", "put 192.0.2.7", "send takeOver", "report announced"]);
  });

  it("an address that cannot be put is not announced, told once, and tried again", () => {
    const machine = new Machine();
    machine.putFailure = "put address on the interface: EPERM";
    machine.holdings.apply(announce({ mode: "Address" }), 0);
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "leave", "remove 192.0.2.7", "report failed"]);
    machine.holdings.retry(1_000);
    assert.ok(!machine.done().includes("report failed"));
    machine.putFailure = undefined;
    machine.holdings.retry(2_000);
    assert.ok(machine.done().includes("report announced"));
  });

  it("asking again changes nothing, and is answered", () => {
    const machine = holding();
    machine.holdings.apply(announce(), 10);
    assert.deepEqual(machine.done(), ["report announced"]);
  });

  it("asking for another mode changes it", () => {
    const machine = holding();
    machine.holdings.apply(announce({ mode: "Address" }), 10);
    assert.deepEqual(machine.done(), ["leave", "join", "put 192.0.2.7", "send takeOver", "report announced"]);
  });

  it("asking for an interface that is not there is told, and told again when asked again", () => {
    const machine = new Machine();
    machine.holdings.apply(announce({ interface: "eth7" }), 0);
    machine.holdings.retry(1_000);
    assert.deepEqual(machine.done(), ["report failed"]);
    machine.holdings.apply(announce({ interface: "eth7" }), 2_000);
    assert.deepEqual(machine.done(), ["report failed"]);
  });
});

describe("ending", () => {
  const cases = [
    { name: "a withdraw ends it at once", mode: "Responder", want: ["leave", "report withdrawn"] },
    { name: "and takes the address away", mode: "Address", want: ["leave", "remove 192.0.2.7", "report withdrawn"] },
  ] as const;
  for (const { name, mode, want } of cases)
    it(name, () => {
      const machine = holding({ mode });
      machine.holdings.apply({ kind: "withdraw", address: vip }, 10);
      assert.deepEqual(machine.done(), want);
      assert.equal(machine.holdings.answersFor(here), false);
    });

  it("a yield goes on answering until the heir is heard", () => {
    const machine = holding();
    machine.holdings.apply({ kind: "yield", address: vip }, 10);
    assert.equal(machine.holdings.answersFor(here), true);
    machine.holdings.happened(here, { kind: "claim", mac }, 20);
    assert.deepEqual(machine.done(), ["leave", "report withdrawn"]);
    assert.equal(machine.holdings.answersFor(here), false);
  });

  for (const kind of ["withdraw", "yield"] as const)
    it(`a ${kind} of what is not announced is answered too`, () => {
      const machine = new Machine();
      machine.holdings.apply({ kind, address: vip }, 0);
      assert.deepEqual(machine.done(), ["report withdrawn"]);
    });

  it("a close withdraws everything", () => {
    const machine = holding({ mode: "Address" });
    machine.holdings.apply(announce({ address: address("192.0.2.8") }), 10);
    machine.done();
    machine.holdings.apply({ kind: "close" }, 20);
    assert.deepEqual(machine.done(), ["leave", "remove 192.0.2.7", "report withdrawn", "leave", "report withdrawn"]);
    assert.equal(machine.holdings.wakeAtMs(), Number.POSITIVE_INFINITY);
  });
});

describe("an interface that goes and comes back", () => {
  it("is told, and announced on at once when authority is fresh, without probing", () => {
    const machine = holding({ probe: true, mode: "Address" });
    probe(machine);
    machine.done();
    machine.loseLan();
    assert.deepEqual(machine.done(), ["leave", "remove 192.0.2.7", "report failed"]);
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "send takeOver", "report announced"]);
  });

  it("is asked on first when authority is stale, and given up if another has the address by now", () => {
    const machine = holding();
    machine.holdings.apply({ kind: "authority", fresh: false }, 10);
    machine.loseLan();
    machine.done();
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "send probe"]);
    machine.holdings.happened(here, { kind: "claim", mac }, 5_005);
    assert.deepEqual(machine.done(), ["leave", "report superseded"]);
    machine.holdings.retry(6_000);
    assert.deepEqual(machine.done(), []);
  });

  it("ends a planned move", () => {
    const machine = holding();
    machine.holdings.apply({ kind: "yield", address: vip }, 10);
    machine.loseLan();
    machine.regainLan(100);
    assert.deepEqual(machine.done(), ["leave", "report withdrawn"]);
  });

  it("leaves the first use a first use if it had not come so far", () => {
    const machine = holding({ probe: true });
    machine.loseLan();
    machine.done();
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "send probe"]);
  });
});

describe("a machine on two LANs", () => {
  it("answers on the address's own only, also after the address has moved to the other", () => {
    const machine = holding();
    assert.deepEqual(
      [here, elsewhere].map((where) => machine.holdings.answersFor(where)),
      [true, false],
    );
    machine.holdings.apply(announce({ interface: "eth1" }), 10);
    assert.deepEqual(
      [here, elsewhere].map((where) => machine.holdings.answersFor(where)),
      [false, true],
    );
  });

  it("is not told of another station that has the address on the other LAN", () => {
    const machine = holding();
    for (let ms = 0; ms <= 5_000; ms += 100) machine.holdings.happened(elsewhere, { kind: "claim", mac }, ms);
    machine.holdings.apply({ kind: "authority", fresh: false }, 5_000);
    machine.holdings.happened(elsewhere, { kind: "claim", mac }, 5_000);
    assert.deepEqual(machine.done(), []);
    assert.equal(machine.holdings.answersFor(here), true);
  });

  it("does not yield to a station on the other LAN", () => {
    const machine = holding();
    machine.holdings.apply({ kind: "yield", address: vip }, 10);
    machine.holdings.happened(elsewhere, { kind: "claim", mac }, 20);
    assert.equal(machine.holdings.answersFor(here), true);
  });

  it("does not count what left on the other LAN as a probe", () => {
    const machine = holding({ probe: true });
    for (const ms of [0, 15, 30]) machine.holdings.happened(elsewhere, { kind: "probeLeft" }, ms);
    machine.holdings.tick(100);
    assert.deepEqual(machine.done(), []);
  });
});
