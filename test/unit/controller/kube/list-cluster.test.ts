import assert from "node:assert/strict";
import { it } from "node:test";
import { POOLS } from "../../../../src/cli/herald-resources.ts";
import { listAll } from "../../../../src/controller/kube/list-cluster.ts";
import { ApiError } from "../../../../src/kube/api-error.ts";

/** Answers with these pages in turn; an Error is thrown. */
function client(...answers: readonly (Error | { readonly items: readonly string[]; readonly continue?: string })[]) {
  const tokens: (string | undefined)[] = [];
  const left = [...answers];
  const list = async (_: unknown, query: { readonly continue?: string | undefined } = {}) => {
    tokens.push(query.continue);
    const answer = left.shift() ?? assert.fail("asked once too often");
    if (answer instanceof Error) throw answer;
    return { items: answer.items, resourceVersion: "1", continue: answer.continue };
  };
  return { tokens, list: list as never };
}

const gone = new ApiError("list ippools", 410, { reason: "Expired" });

it("all pages of a list are read", async () => {
  const pages = client({ items: ["a", "b"], continue: "1" }, { items: ["c"] });
  assert.deepEqual(await listAll(pages, POOLS), ["a", "b", "c"]);
  assert.deepEqual(pages.tokens, [undefined, "1"]);
});

it("a list whose next page the server has forgotten is begun again", async () => {
  const pages = client({ items: ["a"], continue: "1" }, gone, { items: ["a"], continue: "2" }, { items: ["b"] });
  assert.deepEqual(await listAll(pages, POOLS), ["a", "b"]);
  assert.deepEqual(pages.tokens, [undefined, "1", undefined, "2"]);
});

it("not without end, and no other failure is hidden", async () => {
  await assert.rejects(listAll(client(gone, gone, gone), POOLS), /410|list ippools/);
  await assert.rejects(listAll(client(new ApiError("list ippools", 403, {})), POOLS), /list ippools/);
});
