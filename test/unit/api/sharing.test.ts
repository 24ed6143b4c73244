import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTerms, readTerms, type SharedSpec, termsObject } from "../../../src/api/sharing.ts";
import { sharingTerms } from "../../support/builders.ts";

const ask = { key: "front", namespaces: ["blog"] };

describe("the terms of a Service", () => {
  const cases: readonly { name: string; spec: SharedSpec; ports: readonly string[]; selector: string }[] = [
    { name: "may be without ports and selector", spec: {}, ports: [], selector: "" },
    {
      name: "have ports with their protocol, TCP if none is said, sorted",
      spec: { ports: [{ port: 80, protocol: "UDP" }, { port: 80 }, { port: 443, protocol: "TCP" }] },
      ports: ["TCP/443", "TCP/80", "UDP/80"],
      selector: "",
    },
    {
      name: "have a selector that is one text however it was written",
      spec: { selector: { tier: "front", app: "web", Zone: "" } },
      ports: [],
      selector: "Zone=,app=web,tier=front",
    },
  ];
  for (const { name, spec, ports, selector } of cases)
    it(name, () => {
      assert.deepEqual(parseTerms(ask, spec, "Local"), { terms: { ...ask, ports, policy: "Local", selector } });
    });

  it("hold 256 ports and 2048 characters of a selector, and not one more", () => {
    const spec = (ports: number, characters: number): SharedSpec => ({
      ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })),
      selector: { a: "x".repeat(characters - 2) },
    });
    assert.ok("terms" in parseTerms(ask, spec(256, 2048), "Cluster"));
    assert.deepEqual(parseTerms(ask, spec(257, 2049), "Cluster"), {
      problems: [
        { path: "spec.ports", message: "has 257 ports, a Service with a sharing key may have at most 256" },
        { path: "spec.selector", message: "has 2049 characters, a Service with a sharing key may have at most 2048" },
      ],
    });
  });

  it("are read back as they were written, and are none without a key", () => {
    const terms = sharingTerms({ namespaces: ["blog", "news"], policy: "Local", selector: "app=web" });
    assert.deepEqual(readTerms(termsObject(terms)), terms);
    assert.deepEqual(termsObject(undefined), {});
    assert.equal(readTerms(termsObject(undefined)), undefined);
  });
});
