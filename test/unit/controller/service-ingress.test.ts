import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { serviceIngress } from "../../../src/controller/service-ingress.ts";
import { address, addresses, service } from "../../support/builders.ts";

const a = "192.0.2.1";
const b = "192.0.2.2";
const foreign = "198.51.100.9";

type Case = {
  readonly name: string;
  readonly shown?: readonly string[];
  readonly held: readonly (readonly [text: string, announced: boolean])[];
  readonly allocated?: readonly string[];
  readonly settled?: boolean;
  readonly want: readonly string[] | undefined;
};

const cases: readonly Case[] = [
  { name: "an address that nobody announces is not shown", held: [[a, false]], want: undefined },
  { name: "an announced address is shown", held: [[a, true]], want: [a] },
  { name: "a shown address stays while nobody announces it", shown: [a], held: [[a, false]], want: undefined },
  {
    name: "the order is that of the families, whoever announced first",
    shown: [b],
    held: [
      [a, true],
      [b, true],
    ],
    want: [a, b],
  },
  {
    name: "an address that came later is added",
    shown: [a],
    held: [
      [a, false],
      [b, true],
    ],
    want: [a, b],
  },
  { name: "an address that is no longer held makes room for its successor", shown: [a], held: [[b, true]], want: [b] },
  { name: "it waits for its successor", shown: [a], held: [[b, false]], want: undefined },
  { name: "it does not wait for ever", shown: [a], held: [[b, false]], settled: true, want: [] },
  { name: "somebody else's entry goes beside Herald's own", shown: [foreign, a], held: [[a, true]], want: [a] },
  {
    name: "with nothing held, what Herald wrote goes and the rest stays",
    shown: [a, foreign],
    held: [],
    allocated: [a],
    want: [foreign],
  },
  { name: "with nothing held and nothing written, nothing changes", shown: [foreign], held: [], want: undefined },
];

for (const { name, shown = [], held, allocated, settled = false, want } of cases)
  it(name, () => {
    const given = service({
      ingress: shown.map((ip) => ({ ip, ipMode: "VIP" })),
      ...(allocated && { allocated: addresses(...allocated) }),
    });
    const now = held.map(([text, announced]) => ({ address: address(text), announced }));
    assert.deepEqual(
      serviceIngress(given, now, settled)?.map(({ ip }) => ip),
      want,
    );
  });

it("no outage empties or reorders what is shown and still held", () => {
  const texts = [a, b, "2001:db8::1"];
  fc.assert(
    fc.property(
      fc.subarray(texts, { minLength: 1 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      (shown, up, settled) => {
        const given = service({ ingress: shown.map((ip) => ({ ip, ipMode: "VIP" })) });
        const held = texts.map((text, i) => ({ address: address(text), announced: up[i] ?? false }));
        const after = serviceIngress(given, held, settled)?.map(({ ip }) => ip) ?? shown;
        assert.deepEqual(
          after.filter((ip) => ip !== undefined && shown.includes(ip)),
          shown,
        );
      },
    ),
  );
});

it("an entry that another announcer wrote in its own way stays until Herald announces the address itself", () => {
  const given = service({ ingress: [{ ip: a, hostname: "web.example.com" }] });
  const held = (announced: boolean) => [{ address: address(a), announced }];
  assert.equal(serviceIngress(given, held(false), true), undefined);
  assert.deepEqual(serviceIngress(given, held(true), true), [{ ip: a, ipMode: "VIP" }]);
});
