import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Departure } from "../../../src/agent/bgp-departure.ts";
import { BgpSessions } from "../../../src/agent/bgp-sessions.ts";
import { BgpTold } from "../../../src/agent/bgp-told.ts";
import { addresses, prefix } from "../../support/builders.ts";
import { report } from "./agent-bgp-builders.ts";

const at = (ms: number) => ({ monotonicMs: ms, wallMs: ms });

/** One route to `tor`. */
function told(): BgpTold {
  const made = new BgpTold();
  const attributes = { origin: "igp" as const, asPath: [], communities: [], largeCommunities: [] };
  const routes = [{ prefix: prefix("203.0.113.7/32"), attributes, addresses: addresses("203.0.113.7") }];
  made.setRoutes({ wish: { kind: "bgpRoutes", name: "tor", routes: [] }, routes });
  return made;
}

describe("the addresses of which an established peer was told", () => {
  const sessions = new BgpSessions();
  sessions.setPeers(["tor"], [], at(0));
  const subject = told();

  it("are none while there is no session", () => assert.deepEqual(subject.addresses(sessions), []));

  it("are worked out once as long as neither the session nor its routes change", () => {
    sessions.hear(report("tor"), at(1));
    const first = subject.addresses(sessions);
    assert.deepEqual(first, addresses("203.0.113.7"));
    assert.equal(subject.addresses(sessions), first);
  });

  it("follow the session", () => {
    sessions.hear(report("tor", { established: { families: [6], silent: [], gracefulRestart: true } }), at(2));
    assert.deepEqual(subject.addresses(sessions), []);
  });
});

it("what peers were told in all is asked only when a drain begins", () => {
  const departure = new Departure(5_000);
  let asked = 0;
  const prefixes = () => {
    asked += 1;
    return new Set(["203.0.113.7/32"]);
  };
  const sessions = { any: true, established: true, prefixes };
  departure.look(false, sessions, false, 0);
  assert.equal(asked, 0);
  departure.look(true, sessions, false, 1);
  departure.look(true, sessions, false, 2);
  assert.deepEqual([asked, departure.shutdown.phase], [1, "shutting"]);
});
