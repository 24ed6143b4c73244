import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConditionState } from "../../../src/api/condition.ts";
import { Contests, conditionWrite, ingressWrite, statusWrites } from "../../../src/controller/contests.ts";
import { type ServiceSituation, serviceStatus, withoutHerald } from "../../../src/controller/service-status.ts";
import { address, addresses, service } from "../../support/builders.ts";

const text = "192.0.2.1";
const allocatedState: ConditionState = {
  type: "herald.dev/Allocated",
  status: "True",
  reason: "Allocated",
  message: `${text} from pool public`,
};
const announced = { holder: "node1", reason: "Announced", message: `node1 answers for ${text}` };
const silent = { holder: "", reason: "NodeDown", message: "node1 is down" };

/** A Service that holds an announced address and shows nothing yet. */
function situation(changes: Partial<ServiceSituation> = {}, given = service()): ServiceSituation {
  return {
    outcome: { service: given, addresses: addresses(text), allocated: allocatedState },
    held: [{ address: address(text), announced: true, state: announced }],
    settled: true,
    contested: [],
    ingressContested: () => false,
    conditionContested: () => false,
    nowMs: 0,
    ...changes,
  };
}

function reasons(changes: Partial<ServiceSituation>, given = service()): readonly (readonly string[])[] {
  const { conditions = [] } = serviceStatus(situation(changes, given)) ?? {};
  return conditions.map(({ status, reason }) => [status, reason]);
}

describe("what a Service's conditions say", () => {
  const refused = {
    ...allocatedState,
    status: "False",
    reason: "PoolExhausted",
    message: "pool public: full",
  } as const;
  const notAllocated = { service: service(), addresses: [], allocated: refused };
  const held = { address: address(text), announced: false, state: silent };
  const wasAnnounced = service({
    conditions: [{ ...allocatedState, type: "herald.dev/Announced", lastTransitionTime: "" }],
  });
  type Case = { readonly name: string; readonly given: Partial<ServiceSituation>; readonly want: readonly unknown[] };
  const cases: readonly Case[] = [
    {
      name: "an announced address: both are true",
      given: {},
      want: [
        ["True", "Allocated"],
        ["True", "Announced"],
      ],
    },
    {
      name: "an address that waits for its first announcement: nothing yet",
      given: { held: [held], settled: false },
      want: [],
    },
    {
      name: "an address that nobody announces for too long: why",
      given: { held: [held] },
      want: [
        ["True", "Allocated"],
        ["False", "NodeDown"],
      ],
    },
    {
      name: "a refusal: its reason, and nothing of announcing",
      given: { outcome: notAllocated, held: [] },
      want: [["False", "PoolExhausted"]],
    },
    {
      name: "a refusal of a Service that had an address: that it is not announced any more",
      given: { outcome: { ...notAllocated, service: wasAnnounced }, held: [] },
      want: [
        ["False", "NotAllocated"],
        ["False", "PoolExhausted"],
      ],
    },
    {
      name: "a field that others change back: FieldContested",
      given: { contested: ["spec.loadBalancerIP"] },
      want: [
        ["True", "FieldContested"],
        ["True", "Announced"],
      ],
    },
    {
      name: "an ingress that somebody changes back: FieldContested",
      given: { ingressContested: () => true },
      want: [
        ["True", "FieldContested"],
        ["True", "Announced"],
      ],
    },
    {
      name: "an ingress that another controller changes back: OtherController",
      given: { ingressContested: () => true, ingressManager: "other-balancer" },
      want: [
        ["True", "OtherController"],
        ["True", "Announced"],
      ],
    },
    {
      name: "who wrote the ingress does not matter while nobody fights",
      given: { ingressManager: "other-balancer" },
      want: [
        ["True", "Allocated"],
        ["True", "Announced"],
      ],
    },
  ];
  for (const { name, given, want } of cases) it(name, () => assert.deepEqual(reasons(given), want));

  it("who writes the ingress is named, with what is left alone and for how long", () => {
    const given = {
      contested: ["spec.loadBalancerIP"],
      ingressContested: () => true,
      ingressManager: "other-balancer",
    };
    const [condition] = serviceStatus(situation(given))?.conditions ?? [];
    assert.equal(
      condition?.message,
      "spec.loadBalancerIP and status.loadBalancer.ingress: changed back 3 times within 10 minutes, now left alone for an hour; other-balancer writes the ingress",
    );
  });

  it("what is contested does not hide why an ask was refused", () => {
    const allocated = { ...allocatedState, reason: "RequestRefused", message: "192.0.2.9 is taken" };
    const given = { contested: ["spec.loadBalancerIP"], outcome: { ...situation().outcome, allocated } };
    const [condition] = serviceStatus(situation(given))?.conditions ?? [];
    assert.match(condition?.message ?? "", /^spec.loadBalancerIP: .*; 192.0.2.9 is taken$/);
  });

  it("a contested ingress is not written", () => {
    assert.equal(serviceStatus(situation({ ingressContested: () => true }))?.ingress, undefined);
  });
});

/** Plays a writer that leaves of the Service what `undo` leaves of it, until Herald wants nothing any more. */
function fight(undo: (given: ReturnType<typeof service>) => ReturnType<typeof service>): readonly string[] {
  const contests = new Contests();
  const said: string[] = [];
  let given = undo(service());
  for (let round = 0; round < 50; round++) {
    const now = given;
    const patch = serviceStatus(
      situation(
        {
          ingressContested: (ingress) => contests.contested(ingressWrite(now, ingress), 0),
          conditionContested: (condition) => contests.contested(conditionWrite(now, condition), 0),
        },
        given,
      ),
    );
    if (patch === undefined) return said;
    for (const each of statusWrites(now, patch)) contests.written(each, 0);
    said.push(patch.conditions.map(({ reason }) => reason).join("+"));
    const kept = given.conditions.filter(({ type }) => !patch.conditions.some((each) => each.type === type));
    given = undo({ ...given, ingress: patch.ingress ?? given.ingress, conditions: [...kept, ...patch.conditions] });
  }
  return assert.fail(`they still fight: ${said.join(", ")}`);
}

describe("a writer that replaces the conditions again and again", () => {
  it("is told so three times beside the three writes, then left alone", () => {
    assert.deepEqual(
      fight((given) => ({ ...given, conditions: [] })),
      [...Array(3).fill("Allocated+Announced"), ...Array(3).fill("FieldContested")],
    );
  });

  it("is told so once where he leaves that alone", () => {
    assert.deepEqual(
      fight((given) => ({
        ...given,
        conditions: given.conditions.filter(({ type }) => type === "herald.dev/Allocated"),
      })),
      ["Allocated+Announced", "Announced", "Announced", "FieldContested"],
    );
  });

  it("and the ingress with them, is left alone as well", () => {
    const said = fight((given) => ({ ...given, ingress: [], conditions: [] }));
    assert.ok(said.length <= 9, said.join(", "));
    assert.equal(said.at(-1), "FieldContested");
  });

  it("and what Herald says of the fight alone, is left alone as well", () => {
    const said = fight((given) => ({
      ...given,
      ingress: [],
      conditions: given.conditions.filter(({ reason }) => reason !== "FieldContested"),
    }));
    assert.ok(said.length <= 9, said.join(", "));
  });
});

describe("a Service that is not handled any more", () => {
  const ours = service({
    allocated: addresses(text),
    ingress: [{ ip: text, ipMode: "VIP" }, { ip: "198.51.100.9" }],
    conditions: [{ ...allocatedState, lastTransitionTime: "" }],
  });

  it("loses Herald's conditions and entries, and nothing else", () => {
    assert.deepEqual(withoutHerald(ours), {
      ingress: [{ ip: "198.51.100.9" }],
      conditions: [],
      removed: ["herald.dev/Allocated"],
    });
  });

  it("is left alone if it has none of Herald's conditions", () => {
    assert.equal(withoutHerald({ ...ours, conditions: [] }), undefined);
  });
});
