import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { it } from "node:test";

it("an agent loads neither Pepr nor the fluent client, and of client-node only what reads a kubeconfig", async () => {
  const loaded = new Set<string>();
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      const [, inPackage] = url.split("/node_modules/");
      if (inPackage !== undefined) loaded.add(inPackage);
      return nextLoad(url, context);
    },
  });
  await import("../../../src/agent/main.ts");
  hooks.deregister();
  const named = [...loaded].filter((file) => /^(pepr|kubernetes-fluent-client|@kubernetes)\//.test(file));
  assert.deepEqual(named, ["@kubernetes/client-node/dist/config_types.js"]);
});
