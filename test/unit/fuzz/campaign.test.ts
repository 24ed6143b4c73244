import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCampaign } from "../../fuzz/campaign.ts";
import type { Target } from "../../fuzz/target.ts";
import { targets } from "../../fuzz/targets.ts";

describe("every decoder of foreign bytes", () => {
  for (const target of targets) {
    it(`${target.name}: takes all samples`, () => {
      assert.ok(target.samples.length > 0);
      for (const sample of target.samples) target.decode(sample);
    });

    it(`${target.name}: takes or refuses what is made of them, and nothing else happens`, () => {
      const campaign = createCampaign(target, 1);
      const finding = campaign.run(3_000);
      assert.equal(finding && `${finding.error} for ${Buffer.from(finding.bytes).toString("hex")}`, undefined);
      assert.equal(campaign.totals().runs, 3_000);
    });
  }
});

describe("a decoder with a bug", () => {
  /** A length byte, then as many bytes: the last of them is read without looking whether it is there. */
  const decode = (bytes: Uint8Array): unknown => {
    if (bytes.length < 2) throw new RangeError("too short");
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint8(bytes[0] ?? 0);
  };
  const target: Target = {
    name: "with a bug",
    samples: [Uint8Array.of(3, 1, 2, 3)],
    decode,
    mayThrow: (error) => error instanceof RangeError && error.message === "too short",
  };

  it("is found within 1,000 messages, with bytes that show it", () => {
    const finding = createCampaign(target, 1).run(1_000) ?? assert.fail("not found");
    assert.throws(() => decode(finding.bytes), RangeError);
    assert.ok(!target.mayThrow(finding.error));
  });

  it("is found at the same bytes with the same seed", () => {
    const [one, other] = [1, 1].map((seed) => createCampaign(target, seed).run(1_000)?.bytes);
    assert.deepEqual(one, other);
  });
});
