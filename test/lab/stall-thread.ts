/**
 * Runs on a node: `node stall-thread.ts '<JSON of Stall>'`. Through the inspector on 127.0.0.1:9229 it makes the main thread
 * of that process, or its worker "speaker", stand still now and then; what it asks for outlives it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stall } from "./stalls.ts";

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly workerInfo?: { readonly title: string } };
  readonly result?: { readonly exceptionDetails?: object };
};

const inspector = "http://127.0.0.1:9229/json";
const openWithinMs = 10_000;
const stall = JSON.parse(process.argv[2] ?? "") as Stall;

/** Waiting takes no processor time, and nothing wakes it. */
const expression = `
  clearInterval(globalThis.stalling);
  {
    const stand = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${stall.forMs});
    if (${stall.everyMs} > 0) globalThis.stalling = setInterval(stand, ${stall.everyMs});
    else if (${stall.forMs} > 0) setTimeout(stand, 0);
  }`;
const evaluate = { id: 2, method: "Runtime.evaluate", params: { expression } };

async function inspectorUrl(): Promise<string> {
  for (const deadline = Date.now() + openWithinMs; Date.now() < deadline; await sleep(50)) {
    const targets = await fetch(inspector).then(
      (response) => response.json() as Promise<readonly { readonly webSocketDebuggerUrl: string }[]>,
      () => [],
    );
    if (targets[0] !== undefined) return targets[0].webSocketDebuggerUrl;
  }
  throw new Error(`${inspector}: nobody answers`);
}

async function askMain(socket: WebSocket): Promise<void> {
  const answered = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    if ((JSON.parse(String(data)) as Message).id === 2) answered.resolve();
  });
  socket.send(JSON.stringify(evaluate));
  await answered.promise;
}

async function askSpeaker(socket: WebSocket): Promise<void> {
  const answered = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as Message;
    if (method === "NodeWorker.attachedToWorker" && params?.workerInfo?.title.includes("speaker")) {
      const message = JSON.stringify(evaluate);
      socket.send(
        JSON.stringify({
          id: 3,
          method: "NodeWorker.sendMessageToWorker",
          params: { sessionId: params.sessionId, message },
        }),
      );
    }
    if (method === "NodeWorker.receivedMessageFromWorker") answered.resolve();
  });
  socket.send(JSON.stringify({ id: 1, method: "NodeWorker.enable", params: { waitForDebuggerOnStart: false } }));
  await answered.promise;
}

const socket = new WebSocket(await inspectorUrl());
await new Promise((resolve, reject) => {
  socket.addEventListener("open", resolve);
  socket.addEventListener("error", () => reject(new Error("the inspector refuses")));
});
const giveUp = setTimeout(() => {
  process.stderr.write(`no answer from thread ${stall.thread}\n`);
  process.exit(1);
}, openWithinMs);
await (stall.thread === "main" ? askMain(socket) : askSpeaker(socket));
clearTimeout(giveUp);
socket.close();
