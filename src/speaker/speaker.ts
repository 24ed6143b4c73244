import { Worker } from "node:worker_threads";
import type { SpeakerSettings } from "./engine.ts";
import type { SpeakerCommand, SpeakerReport } from "./messages.ts";

export type { SpeakerSettings } from "./engine.ts";

/** The running speaker: a thread of its own, which holds sockets and timers. */
export type Speaker = {
  /** Commands are done in their order; those sent after `close` are dropped. */
  send(command: SpeakerCommand): void;
  /** Withdraws everything and resolves once the thread has ended. May be called again. */
  close(): Promise<void>;
};

/** What the speaker's owner gives it. */
export type SpeakerOptions = {
  readonly settings: SpeakerSettings;
  readonly onReport: (report: SpeakerReport) => void;
  /** The thread ended although nobody asked: at most once. Nothing is answered for from then on, and the owner should end. */
  readonly onFailure: (error: Error) => void;
};

/** How long a close may take before the thread is ended by force. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Heartbeats leave little behind that lives; the default of tens of megabytes would be filled before it is swept. */
const YOUNG_GENERATION_MB = 1;

/**
 * Starts the thread; its first reports are `key` and `interfaces`. Needs CAP_NET_RAW where it is to answer on a LAN, CAP_NET_ADMIN to
 * put addresses on interfaces, and nothing for BGP.
 */
export function startSpeaker({ settings, onReport, onFailure }: SpeakerOptions): Speaker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    name: "speaker",
    workerData: settings,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  let failure: Error | undefined;
  let closing = false;
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      if (!closing) onFailure(new Error("speaker thread ended", { cause: failure }));
      resolve();
    });
  });
  worker.on("message", onReport);
  worker.on("error", (error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  const close = async (): Promise<void> => {
    if (!closing) worker.postMessage({ kind: "close" } satisfies SpeakerCommand);
    closing = true;
    const force = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  };
  return {
    send: (command) => {
      if (command.kind === "close") void close();
      else if (!closing) worker.postMessage(command);
    },
    close,
  };
}
