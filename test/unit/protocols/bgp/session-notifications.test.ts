import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { notificationReason } from "../../../../src/protocols/bgp/notification-codes.ts";
import { bytesOf, hexOf, messageOf } from "./messages.ts";
import { address, keepalive, notification, peerOpen, peerRestarts, Rig, settings } from "./session-rig.ts";
import { attribute, updateOf } from "./updates.ts";

type Name = keyof typeof notificationReason;

const raw = (hex: string): Uint8Array => bytesOf(`${"ff".repeat(16)} ${hex}`);
const opening = (bytes: Uint8Array, own = {}): Rig =>
  new Rig({ settings: settings(own) }).start().connected().receive(bytes);
const running = (bytes: Uint8Array): Rig => new Rig().establish().receive(bytes);
const fixed = "04 fbf4 005a 0a000002";
const restarting = (): Rig =>
  new Rig({ settings: settings({ gracefulRestart: { restartTimeSeconds: 120 } }) }).establish(
    peerOpen({}, { gracefulRestart: peerRestarts }),
  );

function stopped(reason: Parameters<Rig["session"]["stop"]>[0], rig = new Rig().establish()): Rig {
  rig.session.stop(reason, rig.nowMs);
  rig.settle();
  return rig;
}

function acted(act: (rig: Rig) => void): Rig {
  const rig = new Rig().establish();
  act(rig);
  rig.settle();
  return rig;
}

function downed(rig = new Rig().establish()): Rig {
  rig.session.pathDown(rig.nowMs);
  rig.settle();
  return rig;
}

/** What provokes each, and its data as hexadecimal digits. */
const provoked: readonly (readonly [Name, () => Rig, string])[] = [
  ["connectionNotSynchronized", () => running(bytesOf("00".repeat(19))), ""],
  ["badMessageLength", () => running(raw("0014 04 00")), "0014"],
  ["badMessageType", () => running(raw("0013 09")), "09"],
  ["malformedOpen", () => opening(messageOf("open", `${fixed} 01 02`)), ""],
  ["unsupportedVersion", () => opening(messageOf("open", "03 fbf4 005a 0a000002 00")), "0004"],
  ["badPeerAs", () => opening(peerOpen({ asn: 64_499 })), ""],
  ["badIdentifier", () => opening(messageOf("open", "04 fbf4 005a 00000000 00")), ""],
  ["unsupportedParameter", () => opening(messageOf("open", `${fixed} 02 fe 00`)), ""],
  ["unacceptableHoldTime", () => opening(messageOf("open", "04 fbf4 0002 0a000002 00")), "0002"],
  [
    "unsupportedCapability",
    () => opening(peerOpen({}, { families: [6] }), { families: [4] }),
    "0104 0001 00 01".replaceAll(" ", ""),
  ],
  ["malformedAttributeList", () => running(messageOf("update", "00c8 0000")), ""],
  ["attributeLength", () => running(updateOf({ attributes: "80 0e 20 000201 10" })), "800e2000020110"],
  ["optionalAttribute", () => running(updateOf({ attributes: attribute("80", 15, "0002") })), "0002"],
  ["holdTimerExpired", () => acted((rig) => rig.advance(90_000)), ""],
  ["unexpectedInOpenSent", () => opening(keepalive), ""],
  ["unexpectedInOpenConfirm", () => opening(peerOpen()).receive(peerOpen()), ""],
  ["unexpectedInEstablished", () => running(peerOpen()), ""],
  ["administrativeShutdown", () => stopped({ kind: "shutdown", text: "bye" }), "03627965"],
  ["peerDeconfigured", () => stopped({ kind: "deconfigured" }), ""],
  ["otherConfigurationChange", () => stopped({ kind: "configuration" }), ""],
  ["connectionCollision", collided, ""],
  ["hardReset", () => stopped({ kind: "shutdown", text: "bye" }, restarting()), "060203627965"],
  ["hardReset", () => downed(restarting()), "060a"],
  ["bfdDown", () => downed(), ""],
  ["invalidRefreshLength", () => running(raw("0018 05 0001 01 01 00")), `${"ff".repeat(16)}0018050001010100`],
];

/** The peer, whose identifier is lower, begins a connection while ours waits for its KEEPALIVE. */
function collided(): Rig {
  const rig = new Rig({ settings: settings({ routerId: address("10.0.0.9") }) })
    .start()
    .connected()
    .receive(peerOpen());
  const offered = rig.offer();
  assert.ok(typeof offered === "number");
  return rig.receive(peerOpen(), offered);
}

/** Why a speaker that never imports, or that RFC 7606 binds, sends none of them. */
const neverSent: readonly Name[] = [
  ...(["unrecognizedAttribute", "missingAttribute", "attributeFlags", "invalidOrigin", "routingLoop"] as const),
  ...(["invalidNextHop", "invalidNetworkField", "malformedAsPath", "tooManyPrefixes", "outOfResources"] as const),
  ...(["authenticationFailure", "roleMismatch", "cease", "connectionRejected", "administrativeReset"] as const),
  ...(["stateMachine", "sendHoldTimerExpired"] as const),
];

describe("Every NOTIFICATION that is ever sent, with its data:", () => {
  for (const [name, provoke, data] of provoked)
    it(`${name} ${data}`.trim(), () => {
      const sent = [...provoke().links.values()].flatMap(({ messages }) => messages);
      const notices = sent.flatMap((message) => (message.kind === "notification" ? [message] : []));
      const { code, subcode } = notificationReason[name];
      assert.deepEqual(
        notices.map((notice) => [notice.code, notice.subcode, hexOf(notice.data)]),
        [[code, subcode, data]],
      );
    });

  it("all others that there are, are received only", () => {
    const names = [...new Set(provoked.map(([name]) => name)), ...neverSent];
    assert.deepEqual(names.toSorted(), Object.keys(notificationReason).toSorted());
  });

  for (const name of neverSent)
    it(`${name} of the peer ends the session, in words`, () => {
      const { code, subcode, words } = notificationReason[name];
      const rig = running(notification(code, subcode));
      const { state, reason } = rig.session.describe(rig.nowMs);
      assert.deepEqual([state, reason], ["Idle", `the peer ended the session: ${words} (${code}/${subcode})`]);
    });
});
