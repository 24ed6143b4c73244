/** The speaker on devices that few machines' kernels have at hand: VLAN, bond, kube-ipvs0, VRF. One boot of user-mode Linux runs all. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { runInUml, umlAbsence } from "./boot.ts";

/** What the guest tells of a case; at the very end `{ ended: true }`. */
type News = { readonly name: string; readonly failure?: string } | { readonly ended: true };

const drivers = ["8021q", "bonding", "dummy", "veth", "bridge", "vrf"];
const script = join(import.meta.dirname, "guest/main.ts");

function newsOf(line: string): readonly News[] {
  const text = /^herald (.*)$/.exec(line)?.[1];
  return text === undefined ? [] : [JSON.parse(text)];
}

const absence = umlAbsence();

if (absence !== undefined) it("VLAN, bond, kube-ipvs0 and VRF", { skip: absence });
else {
  // It takes 20 s on an idle machine; the bound is for a noisy one.
  const lines = await runInUml({ drivers, script, withinMs: 180_000 });
  const news = lines.flatMap(newsOf);
  for (const each of news) if ("name" in each) it(each.name, () => assert.equal(each.failure, undefined));
  it("every case was run to its end", () => {
    assert.ok(news.length > 1 && news.some((each) => "ended" in each), lines.join("\n"));
  });
}
