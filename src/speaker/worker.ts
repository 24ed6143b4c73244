/** The entry of the speaker's thread: connects the engine with the port to the thread that started it. */
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { closeAllWatches } from "../linux/libc.ts";
import { raiseThreadPriority } from "../linux/thread-priority.ts";
import { Engine, type SpeakerSettings } from "./engine.ts";
import type { SpeakerCommand } from "./messages.ts";

const port = parentPort;
if (port === null) throw new Error("start speaker: not in a worker thread");

// Also when an uncaught error ends the thread: its owner is to say so and end in order.
process.once("exit", closeAllWatches);

// Where it may: a thread that waits for a busy core loses its addresses to another node.
raiseThreadPriority();

const engine = new Engine(
  workerData as SpeakerSettings,
  (report) => port.postMessage(report),
  () => port.close(),
);
port.on("message", (command: SpeakerCommand) => engine.submit(command));

// Each thread keeps what it compiled for itself: see src/main.ts.
setTimeout(flushCompileCache, 5_000).unref();
