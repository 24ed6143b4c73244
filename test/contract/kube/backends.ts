import { startScriptedApi } from "../../support/scripted-api.ts";
import type { Backend } from "./subject.ts";

/** The scripted API server. */
export async function openScripted(): Promise<Backend> {
  const api = await startScriptedApi();
  return {
    upstream: { url: api.url },
    outage: async (meanwhile) => {
      await api.suspend();
      await meanwhile();
      await api.resume();
    },
    close: () => api.close(),
  };
}
