import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inClusterCredentials } from "../../../src/kube/in-cluster.ts";
import { kubeconfigCredentials } from "../../../src/kube/kubeconfig.ts";

const folder = mkdtempSync(join(tmpdir(), "herald-credentials-"));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function kubeconfig(user: string, cluster = ""): string {
  return write(
    "config.yaml",
    `apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: other, context: { cluster: x, user: x } }, { name: here, context: { cluster: c, user: u, namespace: ns } }]
clusters: [{ name: c, cluster: { server: "https://192.0.2.1:6443/"${cluster} } }]
users: [{ name: u, user: { ${user} } }]
`,
  );
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a kubeconfig", () => {
  const cases = [
    { name: "a token", user: "token: secret", want: { authorization: "Bearer secret" } },
    {
      name: "a name and password",
      user: "username: me, password: pw",
      want: { authorization: `Basic ${base64("me:pw")}` },
    },
    {
      name: "an impersonated user",
      user: "token: t, as: you",
      want: { authorization: "Bearer t", "impersonate-user": "you" },
    },
    { name: "nothing", user: "", want: {} },
  ];
  for (const { name, user, want } of cases) {
    it(`may give ${name}`, async () => {
      const source = await kubeconfigCredentials(kubeconfig(user));
      assert.equal(source.server, "https://192.0.2.1:6443");
      assert.equal(source.namespace, "ns");
      assert.deepEqual((await source.load(false)).headers, want);
    });
  }

  it("reads a token file again at each load, relative to its own folder", async () => {
    write("token", "one\n");
    const source = await kubeconfigCredentials(kubeconfig("tokenFile: token"));
    assert.equal((await source.load(false)).headers.authorization, "Bearer one");
    write("token", "two\n");
    assert.equal((await source.load(false)).headers.authorization, "Bearer two");
  });

  it("gives certificates from data and from files", async () => {
    write("ca.crt", "CA");
    const user = `client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}`;
    const file = kubeconfig(user, ", certificate-authority: ca.crt, tls-server-name: api.example");
    const { headers: _, ...material } = await (await kubeconfigCredentials(file)).load(false);
    assert.deepEqual(material, { ca: "CA", cert: "CERT", key: "KEY", serverName: "api.example", insecure: false });
  });

  it("asks an exec plugin once, and again when what it gave was refused", async () => {
    const plugin = write(
      "plugin.sh",
      `#!/bin/sh
echo x >> ${folder}/asked
test -n "$KUBERNETES_EXEC_INFO" || exit 1
printf '{"kind":"ExecCredential","status":{"token":"%s-%d"}}' "$SAY" "$(wc -l < ${folder}/asked)"
`,
    );
    chmodSync(plugin, 0o755);
    const source = await kubeconfigCredentials(
      kubeconfig(`exec: { command: ${plugin}, env: [{ name: SAY, value: hi }] }`),
    );
    const tokens = [await source.load(false), await source.load(false), await source.load(true)];
    assert.deepEqual(
      tokens.map(({ headers }) => headers.authorization),
      ["Bearer hi-1", "Bearer hi-1", "Bearer hi-2"],
    );
  });

  it("is refused, naming what is wrong", async () => {
    const none = join(folder, "none");
    await assert.rejects(kubeconfigCredentials(none), {
      message: `read kubeconfig ${none}: ENOENT: no such file or directory`,
    });
    await assert.rejects(kubeconfigCredentials(kubeconfig("", ", proxy-url: http://p")), /proxy-url is not supported/);
    await assert.rejects(
      kubeconfigCredentials(kubeconfig("auth-provider: { name: gcp }")),
      /auth-provider is not supported/,
    );
    await assert.rejects(kubeconfigCredentials(write("empty", "{}")), /it has no current-context/);
    await assert.rejects(kubeconfigCredentials(write("blank", "\n")), /blank: it has no current-context/);
    await assert.rejects(kubeconfigCredentials(write("list", "[]")), /list: it is none, expected clusters/);
    await assert.rejects(kubeconfigCredentials(kubeconfig("", ", server: ''")), /read kubeconfig .*config\.yaml: /);
  });

  it("that is no YAML is refused in one line", async () =>
    assert.rejects(
      kubeconfigCredentials(write("broken", "a: b: c\n  d")),
      /^Error: read kubeconfig .*broken: [^\n]+$/,
    ));

  it("whose key file is missing is named beside that file", async () => {
    const source = await kubeconfigCredentials(kubeconfig("client-key: gone.key"));
    await assert.rejects(source.load(false), ({ message, cause }: Error) => {
      assert.match(message, /^read kubeconfig .*config\.yaml$/);
      assert.match((cause as Error).message, /gone\.key/);
      return true;
    });
  });
});

describe("a pod's service account", () => {
  it("is found by the environment, and its token read at each load", async () => {
    write("ca.crt", "CA");
    write("namespace", "herald-system");
    write("token", "one");
    const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    const source = await inClusterCredentials(environment, folder);
    assert.equal(source?.server, "https://[fd00::1]:6443");
    assert.equal(source?.namespace, "herald-system");
    write("token", "two");
    assert.deepEqual(await source?.load(false), {
      ca: "CA",
      insecure: false,
      headers: { authorization: "Bearer two" },
    });
  });

  it("is none outside a cluster", async () => {
    assert.equal(await inClusterCredentials({}, folder), undefined);
  });
});
