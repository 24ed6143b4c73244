/** Loaded into an agent by --import: its speaker's thread ends by itself after a second, in the way that $SPEAKER_ENDS says. */
import { threadName } from "node:worker_threads";

const endings: Readonly<Record<string, () => void>> = {
  error: () => {
    throw new Error("planted failure");
  },
  rejection: () => void Promise.reject(new Error("planted failure")),
  exit: () => process.exit(0),
};

const end = endings[process.env.SPEAKER_ENDS ?? ""];
if (threadName === "speaker" && end !== undefined) setTimeout(end, 1_000);
