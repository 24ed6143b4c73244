import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inTime } from "../../../capabilities/in-time.ts";

describe("work that has a time limit", () => {
  it("gives its result", async () => {
    assert.equal(await inTime(60_000, "late", async () => "done"), "done");
  });

  it("gives something else if it fails", async () => {
    assert.equal(await inTime(60_000, "late", () => Promise.reject(new Error("no"))), "late");
  });

  it("is told to stop when the time is over, and not waited for", async () => {
    let told: unknown;
    const never = (signal: AbortSignal): Promise<string> => {
      signal.addEventListener("abort", () => {
        told = signal.reason;
      });
      return new Promise(() => undefined);
    };
    assert.equal(await inTime(1, "late", never), "late");
    assert.match(String(told), /not within 1 ms/);
  });
});
