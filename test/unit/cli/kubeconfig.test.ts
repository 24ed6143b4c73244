import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { chosenKubeconfig, type Kubeconfig } from "../../../src/cli/kubeconfig.ts";

const folder = mkdtempSync(join(tmpdir(), "herald-cli-test-"));
after(() => rmSync(folder, { recursive: true }));

function kubeconfig(name: string, contexts: readonly string[], current?: string): string {
  const file = join(folder, name);
  const config = {
    clusters: [{ name: "here", cluster: { server: `https://${name}`, "certificate-authority": "ca.crt" } }],
    users: [{ name: "me", user: { token: name } }],
    contexts: contexts.map((context) => ({ name: context, context: { cluster: "here", user: "me" } })),
    ...(current !== undefined && { "current-context": current }),
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

const one = kubeconfig("one", ["lab", "home"], "lab");
const two = kubeconfig("two", ["away", "home"], "away");

type Cluster = { readonly cluster: { readonly server: string; readonly "certificate-authority": string } };

async function merged(option: string | undefined, context: string | undefined, environment = {}): Promise<Kubeconfig> {
  const chosen = await chosenKubeconfig(option, context, environment);
  return "document" in chosen ? chosen.document : assert.fail("nothing was put together");
}

const clusterOf = ({ clusters = [] }: Kubeconfig): Cluster["cluster"] => (clusters[0] as Cluster).cluster;

describe("the kubeconfig", () => {
  it("is the option's file itself where no context is chosen", async () => {
    assert.deepEqual(await chosenKubeconfig(one, undefined, { KUBECONFIG: two }), { file: one });
    assert.deepEqual(await chosenKubeconfig(undefined, undefined, { KUBECONFIG: two }), { file: two });
    assert.deepEqual(await chosenKubeconfig(undefined, undefined, {}), { file: undefined });
  });

  it("of another context is that context's, and its files are found", async () => {
    const config = await merged(one, "home");
    assert.equal(config["current-context"], "home");
    assert.equal(clusterOf(config)["certificate-authority"], join(folder, "ca.crt"));
  });

  it("of several files has the contexts of all; the first that names a thing wins", async () => {
    const config = await merged(undefined, undefined, { KUBECONFIG: `${two}:${join(folder, "absent")}:${one}` });
    assert.equal(config["current-context"], "away");
    assert.deepEqual((config.contexts ?? []).map(({ name }) => name).sort(), ["away", "home", "lab"]);
    assert.equal(clusterOf(config).server, "https://two");
  });

  it("without the context asked for is refused in words", async () => {
    const { documentCredentials } = await import("../../../src/kube/kubeconfig.ts");
    const config = await merged(one, "nowhere");
    await assert.rejects(documentCredentials(one, config as object), {
      message: `read kubeconfig ${one}: no context "nowhere"`,
    });
  });

  it("that cannot be read is named, once", async () => {
    const missing = join(folder, "missing");
    const message = `read kubeconfig ${missing}: ENOENT: no such file or directory`;
    await assert.rejects(chosenKubeconfig(missing, "lab", {}), { message });
  });
});
