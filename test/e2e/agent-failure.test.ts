/** An agent whose speaker ends by itself must end too, so that another process takes its place. On a real kernel. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createWorld, type World } from "./speaker-world.ts";

const entry = join(import.meta.dirname, "..", "..", "src", "main.ts");
const failingSpeaker = join(import.meta.dirname, "agent-failing-speaker.ts");

/** Nobody listens there: the agent is as it is while the API server is away. */
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "away", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "agent", user: { token: "none" } }],
  contexts: [{ name: "away", context: { cluster: "away", user: "agent" } }],
  "current-context": "away",
});

describe("an agent whose speaker's thread ends", () => {
  let world: World | undefined;
  let dir = "";
  before(async () => {
    world = await createWorld(["a"]);
    dir = await mkdtemp(join(tmpdir(), "herald-agent-"));
    await writeFile(join(dir, "kubeconfig"), kubeconfig);
  });
  after(async () => {
    world?.stop();
    await rm(dir, { recursive: true });
  });

  for (const ending of ["error", "rejection", "exit"])
    it(`by ${ending} ends with exit code 1 and says why`, async () => {
      const agent = `timeout 60 ${process.execPath} ${entry} agent --node a --kubeconfig ${dir}/kubeconfig`;
      const env = `SPEAKER_ENDS=${ending} NODE_OPTIONS=--import=${failingSpeaker}`;
      const output = await world?.host("a").run(`${env} ${agent} 2>&1; echo "exit code $?"`);
      assert.match(output ?? "", /exit code 1\n$/);
      assert.match(output ?? "", /agent failed.*speaker thread ended|speaker thread ended.*agent failed/);
      if (ending !== "exit") assert.match(output ?? "", /planted failure/);
    });
});
