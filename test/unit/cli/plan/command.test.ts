import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Given } from "../../../../src/cli/command.ts";
import { planCommand } from "../../../../src/cli/plan/command.ts";
import { namedObject } from "../../../../src/cli/plan/manifest-files.ts";

type Answer = { readonly code: number; readonly out: string; readonly err: string };

const defaults = Object.fromEntries(planCommand.options.map((option) => [option.name, option.default ?? ""]));

/** Runs the command without a cluster, over one text on standard input; an empty value means that the option is not there. */
async function planned(text: string, options: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []];
  const given: Given = new Map(
    Object.entries({ ...defaults, filename: "-", offline: "true", ...options })
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, [value]]),
  );
  const terminal = {
    out: (written: string) => void out.push(written),
    err: (written: string) => void err.push(written),
    stdin: async () => text,
    colour: false,
  };
  const code = await planCommand.run({ args: [], given, terminal, rows: [], program: "herald" });
  return { code, out: out.join(""), err: err.join("") };
}

const pool = (addresses: string): string => `apiVersion: herald.dev/v1beta1
kind: IPPool
metadata: { name: public }
spec: { addresses: [${addresses}] }
`;

const service = (name: string, spec = ""): string => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { type: LoadBalancer, ports: [{ port: 80 }]${spec} }
`;

describe("herald plan without a cluster", () => {
  it("lists what every Service gets, the worst first, and the pools, and sums it up", async () => {
    const text = pool("192.0.2.1") + service("web") + service("api") + service("dns", ", loadBalancerIP: 192.0.2.1");
    const { code, out } = await planned(text, { namespace: "shop" });
    assert.equal(code, 2);
    const lines = out.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
    assert.deepEqual(lines, [
      "SERVICE | FATE | ADDRESSES | REASON | MESSAGE",
      "shop/dns | refused | - | AddressTaken | 192.0.2.1 belongs to shop/web",
      "shop/api | waits | - | PoolExhausted | pool public: 1 of 1 allocated",
      "shop/web | gains | - → 192.0.2.1 | Allocated | 192.0.2.1 from pool public",
      "",
      "POOL | IPV4-FREE | IPV6-FREE | REMARKS",
      "public | - → 0/1 | - | new",
      "",
      "3 Services: 1 refused, 1 waits, 1 gains; 3 changed",
      "",
    ]);
  });

  it("gives the same to programs", async () => {
    const { out } = await planned(pool("192.0.2.1") + service("web"), { output: "json" });
    const { services, summary } = JSON.parse(out) as { services: readonly object[]; summary: object };
    assert.deepEqual(services, [
      {
        service: "default/web",
        fate: "gains",
        before: [],
        after: ["192.0.2.1"],
        reason: "Allocated",
        message: "192.0.2.1 from pool public",
        changed: true,
      },
    ]);
    assert.deepEqual(summary, { loses: 0, moves: 0, refused: 0, waits: 0, outside: 0, gains: 1, keeps: 0 });
    assert.match(
      (await planned(pool("192.0.2.1") + service("web"), { output: "yaml" })).out,
      /^services:\n {2}- service: default\/web/,
    );
  });

  it("ends with 0 where there is nothing to plan for, and says what it skipped", async () => {
    const { code, out, err } = await planned("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: any }\n");
    assert.deepEqual([code, out, err], [0, "no Service that Herald gives addresses to\n", "skipped: 1 ConfigMap\n"]);
  });

  it("ends with 1 and the place of every problem where a manifest is wrong", async () => {
    const { code, out, err } = await planned(pool("192.0.2.300"));
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^<stdin>:4:\d+: InvalidAddress: IPPool public: spec\.addresses\[0\]: /);
  });

  it("deletes nothing that is not there", async () => {
    const { code, err } = await planned("", { delete: "ippool/public" });
    assert.deepEqual([code, err], [1, "IPPool/public: there is none\n"]);
  });

  const misused = [
    { name: "nothing to plan", options: { filename: "" }, message: /nothing to plan/ },
    {
      name: "a word that names no object",
      options: { delete: "pod/web" },
      message: /--delete pod\/web: expected ippool/,
    },
    { name: "a server where there is none", options: { server: "true" }, message: /--offline asks no cluster/ },
  ];
  for (const { name, options, message } of misused)
    it(`does not take ${name}`, async () => {
      await assert.rejects(planned("", options), message);
    });
});

describe("the word for an object", () => {
  const words = [
    ["ippool/public", "IPPool  public"],
    ["IPPools/public", "IPPool  public"],
    ["service/shop/web", "Service shop web"],
    ["services/web", "Service default web"],
    ["namespace/shop", "Namespace  shop"],
    ["ippool/a/b", undefined],
    ["service/", undefined],
    ["service/a/b/c", undefined],
    ["web", undefined],
    ["pod/web", undefined],
  ] as const;
  for (const [word, want] of words)
    it(`${word} names ${want ?? "nothing"}`, () => {
      const ref = namedObject(word, "default");
      assert.equal(ref && `${ref.kind} ${ref.namespace} ${ref.name}`, want);
    });
});
