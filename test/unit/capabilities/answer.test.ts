import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "kubernetes-fluent-client";
import type { PeprValidateRequest } from "pepr";
import { answerOwn, answerService } from "../../../capabilities/answer.ts";

/** A request as far as an answer needs it; the answer tells what was said. */
function request(raw: object): PeprValidateRequest<KubernetesObject> {
  return {
    Raw: raw,
    Approve: (warnings: readonly string[] = []) => ({ allowed: true, warnings }),
    Deny: (statusMessage: string, statusCode: number) => ({ allowed: false, statusMessage, statusCode }),
  } as unknown as PeprValidateRequest<KubernetesObject>;
}

const service = (annotations: object): object => ({ metadata: { name: "web", annotations }, spec: {} });

const failing = (): Promise<never> => Promise.reject(new Error("connect ECONNREFUSED 10.96.0.1:443"));

describe("the answer about a Service", () => {
  const known = async (): Promise<ReadonlySet<string>> => new Set(["public"]);
  const approved = { allowed: true, warnings: [] };

  it("is yes with a warning for a pool that is not there", async () => {
    const { allowed, warnings } = await answerService(request(service({ "herald.dev/pool": "later" })), known);
    assert.ok(allowed);
    assert.match(warnings?.[0] ?? "", /there is no pool later/);
  });

  it("is yes without that warning if the pools cannot be read", async () => {
    assert.deepEqual(await answerService(request(service({ "herald.dev/pool": "later" })), failing), approved);
  });

  it("is no for what cannot be understood, whether or not the pools can be read", async () => {
    const wrong = request(service({ "herald.dev/addresses": "web" }));
    for (const pools of [known, failing]) assert.equal((await answerService(wrong, pools)).allowed, false);
  });

  it("is yes if the review itself fails", async () => {
    assert.deepEqual(await answerService(request({}), known), approved);
  });
});

describe("the answer about an object of Herald's", () => {
  for (const kind of ["IPPool", "BGPPeer"] as const) {
    it(`is no if the review of a ${kind} fails, and says why`, async () => {
      assert.deepEqual(await answerOwn(request({}), kind, failing), {
        allowed: false,
        statusMessage: `review ${kind}: connect ECONNREFUSED 10.96.0.1:443`,
        statusCode: 503,
      });
    });
  }
});
