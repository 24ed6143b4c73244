import { after } from "node:test";
import { clientSuite } from "../contract/kube/client-suite.ts";
import { eventsSuite } from "../contract/kube/events-suite.ts";
import { leaseSuite } from "../contract/kube/lease-suite.ts";
import { reflectorFaultsSuite } from "../contract/kube/reflector-faults-suite.ts";
import { reflectorSuite } from "../contract/kube/reflector-suite.ts";
import type { Backend } from "../contract/kube/subject.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";

let plane: ControlPlane | undefined;

clientSuite("kube-apiserver", openReal);
leaseSuite("kube-apiserver", openReal);
eventsSuite("kube-apiserver", openReal);
reflectorSuite("kube-apiserver", openReal);
reflectorFaultsSuite("kube-apiserver", openReal);
after(() => plane?.stop());

/** One control plane for all suites: their objects have names of their own. */
async function openReal(): Promise<Backend> {
  const running = plane ?? (await startControlPlane());
  plane = running;
  const { token } = await running.access("admin");
  return {
    upstream: { url: running.url, caFile: running.caFile, token },
    outage: async (meanwhile) => {
      await running.killApiServer();
      await meanwhile();
      await running.restartApiServer();
    },
    close: async () => undefined,
  };
}
