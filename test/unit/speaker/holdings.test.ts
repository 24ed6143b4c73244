import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { address } from "../../support/builders.ts";
import { announce, by, given, here, holding, Machine, probe, vip, withoutTarget } from "./holding-machine.ts";

describe("beginning", () => {
  it("nothing is done about an address before the votes give it", () => {
    const machine = new Machine();
    machine.holdings.announce(announce(), 0);
    machine.holdings.retry(10);
    machine.claim(20);
    assert.deepEqual(machine.done(), []);
    assert.equal(machine.holdings.answersFor(here, 20), false);
  });

  it("in mode Responder the address is answered for, and nothing put on the interface", () => {
    const machine = given();
    assert.deepEqual(machine.done(), ["join", "send takeOver", "report announced: placed"]);
    assert.equal(machine.holdings.answersFor(here, 0), true);
  });

  it("in mode Address the address is on the interface before it is announced, and the kernel answers", () => {
    const machine = given({ mode: "Address" });
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "send takeOver", "report announced: placed"]);
    assert.equal(machine.holdings.answersFor(here, 0), false);
  });

  it("while it is probed, nobody answers and nothing is on the interface", () => {
    const machine = given({ mode: "Address", probe: true });
    assert.deepEqual(machine.done(), ["join", "send probe"]);
    probe(machine);
    assert.deepEqual(machine.done(), ["send probe", "put 192.0.2.7", "send takeOver", "report announced: placed"]);
  });

  it("an address that cannot be put is not announced, told once, and tried again", () => {
    const machine = new Machine();
    machine.putFailure = "put address on the interface: EPERM";
    machine.holdings.announce(announce({ mode: "Address" }), 0);
    machine.holdings.begin(vip, by("placed"), 0);
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "leave", "remove 192.0.2.7", "report failed"]);
    machine.holdings.retry(1_000);
    assert.ok(!machine.done().includes("report failed"));
    machine.putFailure = undefined;
    machine.holdings.retry(2_000);
    assert.ok(machine.done().includes("report announced: placed"));
  });

  it("is told once, however often the votes say it", () => {
    const machine = holding();
    machine.holdings.begin(vip, by("placed"), 10);
    machine.holdings.announce(announce({ probe: true }), 10);
    assert.deepEqual(machine.done(), []);
  });

  it("an address without a target is never answered for, though the votes give it", () => {
    const machine = new Machine();
    machine.holdings.announce(withoutTarget(), 0);
    machine.holdings.begin(vip, by("placed"), 0);
    assert.deepEqual(machine.done(), []);
    machine.holdings.announce(announce(), 10);
    assert.deepEqual(machine.done(), ["join", "send takeOver", "report announced: placed"]);
  });

  it("another mode moves what is held", () => {
    const machine = holding();
    machine.holdings.announce(announce({ mode: "Address" }), 10);
    assert.deepEqual(machine.done(), ["leave", "join", "put 192.0.2.7", "send takeOver", "report announced: placed"]);
  });

  it("an interface that is not there is told once", () => {
    const machine = given({ interface: "eth7" });
    machine.holdings.retry(1_000);
    assert.deepEqual(machine.done(), ["report failed"]);
  });
});

describe("answering", () => {
  it("ends at the very moment until which the votes last, before anybody says so", () => {
    const machine = holding();
    machine.untilMs = 400;
    assert.deepEqual(
      [399, 400].map((ms) => machine.holdings.answersFor(here, ms)),
      [true, false],
    );
  });

  it("by the kernel is prolonged only as long as the votes last", () => {
    const machine = holding({ mode: "Address" });
    machine.untilMs = 400;
    assert.deepEqual(
      [399, 400].map((ms) => machine.holdings.lasts(vip, ms)),
      [true, false],
    );
    machine.holdings.end(vip, by("lost"), 0);
    assert.equal(machine.holdings.lasts(vip, 0), false);
  });
});

describe("ending", () => {
  const cases = [
    { name: "the votes end it at once", mode: "Responder", want: ["leave", "report withdrawn: lost"] },
    {
      name: "and the address is taken away",
      mode: "Address",
      want: ["leave", "remove 192.0.2.7", "report withdrawn: lost"],
    },
  ] as const;
  for (const { name, mode, want } of cases)
    it(name, () => {
      const machine = holding({ mode });
      machine.holdings.end(vip, by("lost"), 0);
      assert.deepEqual(machine.done(), want);
      assert.equal(machine.holdings.answersFor(here, 0), false);
      machine.holdings.end(vip, by("lost"), 0);
      assert.deepEqual(machine.done(), []);
    });

  it("an address that is withdrawn is forgotten: the votes begin nothing any more", () => {
    const machine = holding();
    machine.holdings.withdraw(vip, "released");
    assert.deepEqual(machine.done(), ["leave", "report withdrawn: released"]);
    machine.holdings.begin(vip, by("placed"), 10);
    assert.deepEqual(machine.done(), []);
  });

  it("an address that is announced anew before the votes take it is held again", () => {
    const machine = holding();
    machine.holdings.withdraw(vip, "released");
    machine.holdings.announce(announce(), 10);
    assert.deepEqual(machine.done(), [
      "leave",
      "report withdrawn: released",
      "join",
      "send takeOver",
      "report announced: placed",
    ]);
    machine.holdings.end(vip, by("lost"), 20);
    assert.equal(machine.holdings.answersFor(here, 20), false);
  });

  it("an address that goes to another group of this node is held by that one, whichever speaks first", () => {
    const machine = holding();
    machine.holdings.announce(announce({}, { group: "other" }), 10);
    machine.holdings.begin(vip, { group: "other", cause: "Free" }, 10);
    assert.equal(machine.holdings.answersFor(here, 10), true);
    machine.holdings.end(vip, by("regrouped"), 11);
    assert.equal(machine.holdings.answersFor(here, 11), true);
    assert.ok(machine.done().includes("report announced: Free"));
    machine.holdings.end(vip, by("lost"), 12);
    assert.equal(machine.holdings.answersFor(here, 12), true, "the other group has no say any more");
    machine.holdings.end(vip, { group: "other", cause: "lost" }, 13);
    assert.equal(machine.holdings.answersFor(here, 13), false);
  });

  it("what was never told needs no withdrawal", () => {
    const machine = new Machine();
    machine.holdings.announce(announce(), 0);
    machine.holdings.withdraw(vip, "released");
    assert.deepEqual(machine.done(), []);
  });

  it("what was told to be in conflict is withdrawn, so that nobody goes on believing it", () => {
    const machine = holding({ probe: true });
    machine.claim(5);
    machine.holdings.end(vip, by("lost"), 0);
    assert.deepEqual(machine.done(), ["votes told", "report conflict", "leave", "report withdrawn: lost"]);
  });

  it("a close withdraws everything", () => {
    const machine = holding({ mode: "Address" });
    const other = address("192.0.2.8");
    machine.holdings.announce(announce({}, { address: other }), 10);
    machine.holdings.begin(other, by("placed"), 10);
    machine.done();
    machine.holdings.close();
    const stopped = "report withdrawn: stopped";
    assert.deepEqual(machine.done(), ["leave", "remove 192.0.2.7", stopped, "leave", stopped]);
    assert.equal(machine.holdings.wakeAtMs(), Number.POSITIVE_INFINITY);
  });

  it("a target that is taken away ends the answering, and another begins it again", () => {
    const machine = holding();
    machine.holdings.announce(withoutTarget(), 10);
    assert.deepEqual(machine.done(), ["leave", "report withdrawn: interface"]);
    machine.holdings.announce(announce(), 20);
    assert.ok(machine.done().includes("report announced: placed"));
  });
});

describe("an interface that goes and comes back", () => {
  it("is told, and announced on at once with a quorum, without probing", () => {
    const machine = holding({ probe: true, mode: "Address" });
    probe(machine);
    machine.done();
    machine.loseLan();
    assert.deepEqual(machine.done(), ["leave", "remove 192.0.2.7", "report failed"]);
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "put 192.0.2.7", "send takeOver", "report announced: placed"]);
  });

  it("is asked on first without a quorum", () => {
    const machine = holding();
    machine.quorum = false;
    machine.holdings.quorum("lan", false, 10);
    machine.loseLan();
    machine.done();
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "send probe"]);
    machine.claim(5_005);
    assert.equal(machine.holdings.answersFor(here, 5_005), false);
  });

  it("leaves the first use a first use if it had not come so far", () => {
    const machine = holding({ probe: true });
    machine.loseLan();
    machine.done();
    machine.regainLan(5_000);
    assert.deepEqual(machine.done(), ["join", "send probe"]);
  });
});
