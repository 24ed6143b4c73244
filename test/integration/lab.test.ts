/** What every other test stands on: the control plane starts, two do not clash, and nothing outlives its owner. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AttachedLab, attachLab } from "../lab/attached.ts";
import { startControlPlane } from "../lab/control-plane.ts";
import { startLab } from "../lab/lab.ts";
import { readyAnnotation } from "../lab/pod-object.ts";
import { eventually } from "../support/eventually.ts";

const main = join(import.meta.dirname, "..", "lab", "main.ts");

/** Waits until no process of these labs is left: the kernel ends those of a PID namespace a moment after its first one. */
async function endedAll(...folders: readonly string[]): Promise<void> {
  await eventually("every process has ended", () => folders.every((folder) => processesOf(folder).length === 0));
}

/** Processes of the machine whose command line or working directory names the folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

async function upInOwnProcess(...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, "up", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(() => assert.fail("the lab ended before it was ready"));
  await Promise.race([child.stdout && once(child.stdout, "data"), ended]);
  ended.catch(() => undefined);
  return child;
}

async function leavesNothing(...args: readonly string[]): Promise<void> {
  const folder = `/tmp/herald-lab-test-${process.pid}-${args.length}`;
  try {
    const child = await upInOwnProcess("--dir", folder, ...args);
    assert.notEqual(processesOf(folder).length, 0);
    child.kill("SIGKILL");
    await endedAll(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a control plane alone", () => {
  it("starts beside another, knows its users apart, and keeps its objects over a restart of the server", async () => {
    const users = [{ name: "alice", groups: ["developers"] }];
    const [first, second] = await Promise.all([startControlPlane({ users }), startControlPlane()]);
    try {
      assert.notEqual(first.url, second.url);
      await first.kubectl(["create", "serviceaccount", "bob"]);
      const whoAmI = (as: string): Promise<string> =>
        first.kubectl(["auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}"], {
          as,
        });
      assert.match(await whoAmI("alice"), /^alice \["developers"/);
      assert.match(await whoAmI("system:serviceaccount:default:bob"), /^system:serviceaccount:default:bob /);
      await assert.rejects(first.kubectl(["get", "secrets"], { as: "alice" }), /forbidden/);
      await first.killApiServer();
      assert.equal(await first.api.status("/readyz"), 0);
      await first.restartApiServer();
      assert.match(await first.kubectl(["get", "serviceaccounts"]), /bob/);
      await assert.rejects(second.kubectl(["get", "serviceaccount", "bob"]), /not found/);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
    await endedAll(first.dir, second.dir);
    assert.equal(existsSync(first.dir), false);
  });

  it("leaves no process behind when its owner is killed", () => leavesNothing("--control-plane-only"));
});

describe("a lab with nodes", () => {
  it("leaves no process behind when its owner is killed", () => leavesNothing("--no-herald", "--nodes", "1"));

  it("serves Pods through nodes in both families, and follows their readiness, end and cables", async () => {
    const lab = await startLab({ herald: false, nodes: 2 });
    try {
      await lab.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify(service) });
      await lab.kubectl(["create", "deployment", "web", "--image=echo", "--port=80"]);
      const urls = ["http://192.168.50.12:30080/", "http://[fd50::12]:30080/"];
      for (const url of urls) await eventually(`${url} answers`, async () => (await get(lab, url)) || undefined);
      await lab.cut("node2");
      await eventually("a node without its cable is silent", async () => (await get(lab, urls[0])) === "" || undefined);
      await lab.heal("node2");
      await eventually("it is back", async () => (await get(lab, urls[0])) || undefined);
      await lab.kubectl(["annotate", "pods", "--all", `${readyAnnotation}=false`]);
      await eventually("no endpoint is ready", async () => (await get(lab, urls[1])) === "" || undefined);
      await lab.kubectl(["delete", "deployment", "web"]);
      await lab.kubectl(["wait", "--for=delete", "pods", "-l", "app=web", "--timeout=60s"]);
    } finally {
      await lab.stop();
    }
    await assert.rejects(attachLab(lab.dir), /no lab runs/);
    await endedAll(lab.dir);
  });
});

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: {
    type: "NodePort",
    selector: { app: "web" },
    ipFamilyPolicy: "RequireDualStack",
    ports: [{ port: 80, nodePort: 30080 }],
  },
};

async function get(lab: AttachedLab, url = ""): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(1000) }).then((r) => r.text()).then(console.log)`;
  const { code, stdout } = await lab.exec("client", [process.execPath, "--eval", script]);
  return code === 0 ? stdout : "";
}
