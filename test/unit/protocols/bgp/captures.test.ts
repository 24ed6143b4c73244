import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAddress } from "../../../../src/net/address.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import type { GracefulRestart, Message, Negotiated, Open, Update } from "../../../../src/protocols/bgp/message.ts";
import { notificationText } from "../../../../src/protocols/bgp/shutdown-communication.ts";
import { captured, negotiation } from "./messages.ts";

const asked = (name: string): Message => decodeMessage(captured(name));

function opened(name: string): Open {
  const message = asked(name);
  assert.ok(message.kind === "open");
  return message;
}

const none = { 4: 0, 6: 0 };
const one4 = { 4: 1, 6: 0 };
const one6 = { 4: 0, 6: 1 };

const neverKept = [
  { family: 4, forwardingKept: false },
  { family: 6, forwardingKept: false },
] as const;

const restart = (parts: Partial<GracefulRestart>): GracefulRestart => ({
  restarting: false,
  notification: false,
  restartTimeSeconds: 120,
  families: neverKept,
  ...parts,
});

describe("OPENs of other programs", () => {
  const cases = {
    "bird-open": {
      is: "AS 64512, 240 s, 10.9.0.1: 4 6 route-refresh four-octet-as extended-message",
      gracefulRestart: restart({}),
      other: [70, 71, 73],
    },
    "bird-open-two-octet": {
      is: "AS 64512, 240 s, 10.9.0.1: 4 6 route-refresh extended-next-hop",
      gracefulRestart: restart({ families: [] }),
      other: [70, 71],
    },
    "frr-open": {
      is: "AS 4200000002, 180 s, 10.9.0.2: 4 6 route-refresh four-octet-as extended-message",
      gracefulRestart: restart({ restarting: true, notification: true }),
      other: [128, 70, 69, 73, 71],
    },
    "gobgp-open": {
      is: "AS 64513, 90 s, 10.9.0.3: 4 6 route-refresh four-octet-as extended-next-hop",
      gracefulRestart: restart({ notification: true }),
      other: [73],
    },
  } as const;
  const words = ({ asn, holdTimeSeconds, routerId, capabilities: can }: Open): string =>
    [
      `AS ${asn}, ${holdTimeSeconds} s, ${formatAddress(routerId)}:`,
      ...can.families,
      ...(can.routeRefresh ? ["route-refresh"] : []),
      ...(can.fourOctetAs ? ["four-octet-as"] : []),
      ...(can.extendedMessage ? ["extended-message"] : []),
      ...(can.extendedNextHop ? ["extended-next-hop"] : []),
    ].join(" ");
  for (const [name, { is, gracefulRestart, other }] of Object.entries(cases))
    it(name, () => {
      const open = opened(name);
      assert.equal(words(open), is);
      assert.deepEqual(open.capabilities.gracefulRestart, gracefulRestart);
      assert.deepEqual(
        open.capabilities.other.map(({ code }) => code),
        other,
      );
    });
});

describe("UPDATEs of other programs", () => {
  const update = (parts: Partial<Update>): Update => ({
    kind: "update",
    announced: none,
    withdrawn: none,
    faults: [],
    ...parts,
  });
  const internal = { internal: true };
  const cases: Readonly<Record<string, { readonly want: Partial<Update>; readonly session?: Partial<Negotiated> }>> = {
    "bird-update": { want: { announced: one4 } },
    "bird-update-prepended": { want: { announced: one4 } },
    "bird-update-ipv6": { want: { announced: one6 } },
    "bird-update-extended-next-hop": { want: { announced: one4 }, session: { ...internal, fourOctetAs: false } },
    "bird-update-two-octet": { want: { announced: one4 }, session: { ...internal, fourOctetAs: false } },
    "bird-withdraw": { want: { withdrawn: one4 } },
    "bird-withdraw-extended-next-hop": { want: { withdrawn: one4 } },
    "bird-withdraw-ipv6": { want: { withdrawn: one6 } },
    "bird-end-of-rib": { want: { endOfRib: 4 } },
    "bird-end-of-rib-ipv6": { want: { endOfRib: 6 } },
    "frr-update": { want: { announced: one4 } },
    "frr-update-passed-on": { want: { announced: one4 } },
    "frr-update-ipv6": { want: { announced: one6 } },
    "frr-withdraw-ipv6": { want: { withdrawn: { 4: 0, 6: 2 } } },
    "gobgp-update": { want: { announced: one4 } },
    "gobgp-update-ipv6": { want: { announced: one6 } },
    "gobgp-withdraw-ipv6": { want: { withdrawn: one6 } },
  };
  for (const [name, { want, session }] of Object.entries(cases))
    it(name, () => assert.deepEqual(decodeMessage(captured(name), negotiation(session)), update(want)));
});

describe("other messages of other programs", () => {
  const cases = {
    "gobgp-keepalive": { kind: "keepalive" },
    "bird-refresh-beginning": { kind: "route-refresh", afi: 1, safi: 1, subtype: 1 },
    "frr-refresh": { kind: "route-refresh", afi: 1, safi: 1, subtype: 0 },
    "bird-refresh-ipv6": { kind: "route-refresh", afi: 2, safi: 1, subtype: 0 },
  };
  for (const [name, want] of Object.entries(cases)) it(name, () => assert.deepEqual(asked(name), want));

  const texts = {
    "bird-notification-shutdown": 'administrative shutdown (6/2): "bird über alles weg"',
    "frr-notification-shutdown": 'administrative shutdown (6/2): "frr leaves für heute"',
    "gobgp-notification-shutdown": "administrative shutdown (6/2)",
    "bird-notification-bad-as": "bad peer AS (2/2), data 0000fc01",
  };
  for (const [name, want] of Object.entries(texts))
    it(name, () => {
      const message = asked(name);
      assert.equal(message.kind === "notification" && notificationText(message), want);
    });
});
