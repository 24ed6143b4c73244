import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Departure } from "../../../src/agent/bgp-departure.ts";
import { BgpSessions } from "../../../src/agent/bgp-sessions.ts";
import { BgpTold, type ToldRoutes } from "../../../src/agent/bgp-told.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { addresses, prefix } from "../../support/builders.ts";
import { report } from "./agent-bgp-builders.ts";

const at = (ms: number) => ({ monotonicMs: ms, wallMs: ms });

const attributes = { origin: "igp" as const, asPath: [], communities: [], largeCommunities: [], prepend: 0 };

/** Routes to `tor`, as the speaker was told them. */
function routesTo(serial: number, ...texts: readonly string[]): ToldRoutes {
  const routes = texts.map((text) => ({ prefix: prefix(`${text}/32`), attributes, addresses: addresses(text) }));
  return { wish: { kind: "bgpRoutes", name: "tor", serial, routes }, routes };
}

describe("the addresses of which an established peer was told", () => {
  const [a, b] = ["203.0.113.7", "203.0.113.8"] as const;
  let sessions: BgpSessions;
  let subject: BgpTold;
  const heard = (): readonly string[] => subject.addresses(sessions).map(formatAddress);

  beforeEach(() => {
    sessions = new BgpSessions();
    sessions.setPeers(["tor"], [], at(0));
    subject = new BgpTold();
    subject.setRoutes(routesTo(1, a));
  });

  it("are none while there is no session", () => assert.deepEqual(heard(), []));

  it("are worked out once as long as neither the session nor its routes change", () => {
    sessions.hear(report("tor"), at(1));
    assert.deepEqual(heard(), [a]);
    assert.equal(subject.addresses(sessions), subject.addresses(sessions));
  });

  it("follow the session", () => {
    sessions.hear(report("tor", { established: { families: [6], silent: [], gracefulRestart: true } }), at(2));
    assert.deepEqual(heard(), []);
  });

  it("do not have a new one before the session says that it knows of it, and has sent it", () => {
    sessions.hear(report("tor", { serial: 1 }), at(1));
    assert.deepEqual(heard(), [a]);
    subject.setRoutes(routesTo(2, a, b));
    assert.deepEqual(heard(), [a]);
    sessions.hear(report("tor", { serial: 2, waiting: 1 }), at(2));
    assert.deepEqual(heard(), [a]);
    sessions.hear(report("tor", { serial: 2, announced: 2 }), at(3));
    assert.deepEqual(heard(), [a, b]);
  });

  it("do not have one that takes the place of another before that is sent", () => {
    sessions.hear(report("tor", { serial: 1 }), at(1));
    assert.deepEqual(heard(), [a]);
    subject.setRoutes(routesTo(2, b));
    assert.deepEqual(heard(), []);
    sessions.hear(report("tor", { serial: 2, waiting: 2 }), at(2));
    assert.deepEqual(heard(), []);
    sessions.hear(report("tor", { serial: 2 }), at(3));
    assert.deepEqual(heard(), [b]);
  });

  it("lack one that is taken back at once, and one that the peer refuses", () => {
    subject.setRoutes(routesTo(2, a, b));
    sessions.hear(report("tor", { announced: 2 }), at(1));
    assert.deepEqual(heard(), [a, b]);
    subject.setRoutes(routesTo(3, b));
    assert.deepEqual(heard(), [b]);
    sessions.hear(report("tor", { announced: 0, absent: [{ prefix: prefix(`${b}/32`), reason: "x" }] }), at(2));
    assert.deepEqual(heard(), []);
  });

  it("are none that another session was told before", () => {
    sessions.hear(report("tor"), at(1));
    assert.deepEqual(heard(), [a]);
    sessions.hear(report("tor", { sinceMs: 2, announced: 0, waiting: 1 }), at(2));
    assert.deepEqual(heard(), []);
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
