import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { ConnectionError } from "../../../src/kube/api-error.ts";
import type { Clock } from "../../../src/kube/clock.ts";
import { connectTo, type HttpAnswer } from "../../../src/kube/connection.ts";
import type { Material } from "../../../src/kube/credentials.ts";
import { newAuthority } from "../../lab/certificates.ts";

const closing: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closing.map((close) => close())));

const signal = new AbortController().signal;
const get = { method: "GET", path: "/version", signal } as const;

async function listen(server: Server | ReturnType<typeof createHttpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => server.closeAllConnections());
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function steppedClock(): Clock & { step(ms: number): void } {
  let nowMs = 0;
  const step = (ms: number): void => {
    nowMs += ms;
  };
  return { now: () => nowMs, random: () => 0, sleep: async () => undefined, step };
}

async function textOf(answer: Promise<HttpAnswer>): Promise<string> {
  return (await answer).body.text();
}

describe("a connection", () => {
  it("reads its credentials again every 10 s and after a refusal", async () => {
    let accepted = "Bearer one";
    const server = createHttpServer((request, response) => {
      response.statusCode = request.headers.authorization === accepted ? 200 : 401;
      response.end(request.headers.authorization);
    });
    let current = "Bearer one";
    let loads = 0;
    const load = async (): Promise<Material> => {
      loads += 1;
      return { insecure: false, headers: { authorization: current } };
    };
    const clock = steppedClock();
    const source = { server: `http://127.0.0.1:${await listen(server)}`, namespace: undefined, load };
    const connection = await connectTo(source, { clock });
    closing.unshift(() => connection.close());
    assert.equal(await textOf(connection.request(get)), "Bearer one");
    current = "Bearer two";
    assert.equal(await textOf(connection.request(get)), "Bearer one");
    clock.step(10_000);
    accepted = "Bearer two";
    assert.equal(await textOf(connection.request(get)), "Bearer two");
    assert.equal(loads, 2);
    current = accepted = "Bearer three";
    const answer = await connection.request(get);
    assert.equal(answer.status, 200, "a refused call is sent once more with the new token");
    assert.equal(await answer.body.text(), "Bearer three");
    accepted = "Bearer four";
    const refused = await connection.request(get);
    assert.equal(refused.status, 401);
    await refused.body.text();
  });

  it("trusts a new authority as soon as its certificate is there", async () => {
    const [old, fresh] = [newAuthority("old"), newAuthority("new")];
    const { certificate, key } = fresh.issue("api", ["127.0.0.1"]);
    const server = createServer({ cert: certificate, key }, (_, response) => response.end("hello"));
    let ca = old.certificate;
    const load = async (): Promise<Material> => ({ ca, insecure: false, headers: {} });
    const source = { server: `https://127.0.0.1:${await listen(server)}`, namespace: undefined, load };
    const connection = await connectTo(source, { clock: steppedClock() });
    closing.unshift(() => connection.close());
    await assert.rejects(connection.request(get), ConnectionError);
    ca = fresh.certificate;
    assert.equal(await textOf(connection.request(get)), "hello");
  });

  it("keeps its credentials when they cannot be read for a while", async () => {
    const server = createHttpServer((request, response) => response.end(request.headers.authorization));
    const clock = steppedClock();
    let readable = true;
    const load = async (): Promise<Material> => {
      if (!readable) throw new Error("rotating");
      return { insecure: false, headers: { authorization: "Bearer one" } };
    };
    const source = { server: `http://127.0.0.1:${await listen(server)}`, namespace: undefined, load };
    const connection = await connectTo(source, { clock });
    closing.unshift(() => connection.close());
    readable = false;
    clock.step(10_000);
    assert.equal(await textOf(connection.request(get)), "Bearer one");
  });
});
