import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeNotification } from "../../../../src/protocols/bgp/encode-message.ts";
import type { Notification } from "../../../../src/protocols/bgp/message.ts";
import {
  hardReset,
  notificationOf,
  notificationReason,
  notificationWithin,
  reasonWords,
} from "../../../../src/protocols/bgp/notification-codes.ts";
import {
  encodeShutdownText,
  notificationText,
  readShutdownText,
} from "../../../../src/protocols/bgp/shutdown-communication.ts";
import { bytesOf, hexOf } from "./messages.ts";

const notification = (code: number, subcode: number, hex = ""): Notification => ({
  kind: "notification",
  code,
  subcode,
  data: bytesOf(hex),
});
const hexText = (text: string): string => hexOf(Buffer.from(text));

describe("the reason in words", () => {
  const cases: readonly (readonly [Notification, string])[] = [
    [notification(4, 0), "hold timer expired (4/0)"],
    [notification(6, 7), "connection collision resolution (6/7)"],
    [notification(6, 200), "cease (6/200)"],
    [notification(4, 3), "hold timer expired (4/3)"],
    [notification(0, 0), "unknown error (0/0)"],
    [notification(255, 255, "01"), "unknown error (255/255), data 01"],
    [notification(2, 1, "0004"), "unsupported version number (2/1), data 0004"],
    [notification(3, 5, "ab".repeat(33)), `attribute length error (3/5), data ${"ab".repeat(32)}… (33 bytes)`],
    [notification(6, 2), "administrative shutdown (6/2)"],
    [notification(6, 4, `02${hexText("hi")}`), 'administrative reset (6/4): "hi"'],
    [notification(6, 3, `02${hexText("hi")}`), "peer de-configured (6/3), data 026869"],
    [notification(6, 9, `0602 02${hexText("hi")}`), 'hard reset (6/9): administrative shutdown (6/2): "hi"'],
    [notification(6, 9), "hard reset (6/9)"],
    [notification(6, 9, "06"), "hard reset (6/9), data 06"],
    [notification(6, 9, "0609 0602"), "hard reset (6/9): hard reset (6/9), data 0602"],
  ];
  for (const [value, want] of cases) it(want, () => assert.equal(notificationText(value), want));

  it("no two reasons have the same numbers, and each has words of its own", () => {
    const reasons = Object.values(notificationReason);
    assert.equal(new Set(reasons.map(({ code, subcode }) => `${code}/${subcode}`)).size, reasons.length);
    for (const each of reasons) assert.equal(reasonWords(each), `${each.words} (${each.code}/${each.subcode})`);
  });
});

describe("B5.49: texts that a peer should not send", () => {
  const cases: readonly (readonly [string, string, string | undefined, string])[] = [
    ["length 0", "00", undefined, ", data 00"],
    ["a text that is longer than the data", `05${hexText("hi")}`, undefined, ", data 056869"],
    ["a text that is a byte longer than the data", `03${hexText("hi")}`, undefined, ", data 036869"],
    ["length 255 and nothing else", "ff", undefined, ", data ff"],
    ["bad UTF-8", "02c328", undefined, ", data 02c328"],
    ["half a character", "01c3", undefined, ", data 01c3"],
    ["a surrogate", "03eda080", undefined, ", data 03eda080"],
    ["more data than text", `02${hexText("hi there")}`, "hi", ': "hi"'],
    ["escapes of a terminal", `06${hexText("\u001b[31mA")}`, "\u001b[31mA", ': "\ufffd[31mA"'],
    ["a new line, to forge a log line", `03${hexText("a\nb")}`, "a\nb", ': "a\ufffdb"'],
    ["C1 controls", "03c29b41", "\u009bA", ': "\ufffdA"'],
    ["text from right to left", `04${hexText("\u202eA")}`, "\u202eA", ': "\ufffdA"'],
    ["a byte order mark", `04${hexText("\ufeffA")}`, "\ufeffA", ': "\ufffdA"'],
    ["a line separator", `04${hexText("\u2028A")}`, "\u2028A", ': "\ufffdA"'],
  ];
  for (const [name, hex, text, shown] of cases)
    it(name, () => {
      assert.equal(readShutdownText(bytesOf(hex)), text);
      assert.equal(notificationText(notification(6, 2, hex)), `administrative shutdown (6/2)${shown}`);
    });
});

describe("texts that are sent", () => {
  it("none for the empty text", () => assert.equal(encodeShutdownText("").length, 0));

  it("a long one is cut between two characters", () => {
    assert.equal(encodeShutdownText("a".repeat(255)).length, 256);
    assert.equal(readShutdownText(encodeShutdownText("a".repeat(300))), "a".repeat(255));
    assert.equal(readShutdownText(encodeShutdownText("ü".repeat(200))), "ü".repeat(127));
    assert.equal(readShutdownText(encodeShutdownText(`a${"🙂".repeat(100)}`)), `a${"🙂".repeat(63)}`);
  });

  it("any that is short enough is read as it was written", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .filter((t) => Buffer.from(t).length <= 255);
    fc.assert(fc.property(text, (value) => assert.equal(readShutdownText(encodeShutdownText(value)), value)));
  });

  it("what is shown is one line of printable characters, whatever was received", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), (data, subcode) => {
        const shown = notificationText({ kind: "notification", code: 6, subcode, data });
        assert.doesNotMatch(shown, /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
      }),
    );
  });
});

describe("hard reset (RFC 8538)", () => {
  it("carries the NOTIFICATION that it stands for", () => {
    const inner = notificationOf("administrativeShutdown", encodeShutdownText("drained"));
    const outer = hardReset(inner);
    assert.equal(`${outer.code}/${outer.subcode} ${hexOf(outer.data)}`, `6/9 060207${hexText("drained")}`);
    assert.deepEqual(notificationWithin(outer), inner);
  });

  it("any other stands for itself", () => {
    const other = notification(6, 2, "0602");
    assert.equal(notificationWithin(other), other);
  });
});

describe("as bytes", () => {
  it("B5.51: of long data only what fits into 4096 bytes is sent", () => {
    const data = new Uint8Array(5000).fill(7);
    const message = encodeNotification({ kind: "notification", code: 1, subcode: 1, data });
    assert.equal(message.length, 4096);
    assert.deepEqual(decodeMessage(message), { kind: "notification", code: 1, subcode: 1, data: data.slice(0, 4075) });
  });

  it("nothing of a decoded one changes when the receive buffer is used again", () => {
    const message = encodeNotification(notification(6, 2, `02${hexText("hi")}`));
    const decoded = decodeMessage(message);
    message.fill(0);
    assert.deepEqual(decoded, notification(6, 2, `02${hexText("hi")}`));
  });
});
