import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { listenTcp } from "../../../src/linux/tcp-listener.ts";
import { address } from "../../support/builders.ts";
import {
  assertClosed,
  assertEchoes,
  assertKeptOut,
  closeAll,
  connect,
  descriptors,
  firstOf,
  listen,
  loopback,
} from "./tcp-loopback.ts";

const other = address("127.0.0.2");

afterEach(closeAll);

describe("who may connect", () => {
  it("Given a listener without peers, Then nobody comes in", async () => {
    const { port } = await listen(loopback.IPv4);
    await assertKeptOut(loopback.IPv4, port);
  });

  it("Given a listener with one peer, Then another source does not come in, and the peer does", async () => {
    const { listener, port } = await listen(loopback.IPv4);
    listener.setPeers([{ address: other }]);
    await assertKeptOut(loopback.IPv4, port);
    await connect(loopback.IPv4, port, { source: other });
  });

  it("Given a peer that is taken off the list, Then what stands goes on and nothing new comes", async () => {
    const { listener, port, accepted } = await listen(loopback.IPv4);
    listener.setPeers([{ address: loopback.IPv4, password: "s3cret" }]);
    const one = await connect(loopback.IPv4, port, { password: "s3cret" });
    const end = await firstOf(accepted);
    listener.setPeers([]);
    await assertEchoes(one, end);
    await assertKeptOut(loopback.IPv4, port, { password: "s3cret" });
  });

  it("Given one password that cannot be used, Then it is refused without being told, and those before it stay", async () => {
    const { listener, port } = await listen(loopback.IPv4);
    listener.setPeers([{ address: other, password: "s3cret" }]);
    const peers = [
      { address: loopback.IPv4, password: "x".repeat(81) },
      { address: other, password: "s3cret" },
    ];
    assert.throws(() => listener.setPeers(peers), { name: "RangeError", message: "password: 81 bytes, not 1 to 80" });
    await connect(loopback.IPv4, port, { source: other, password: "s3cret" });
  });

  it("Given one password that cannot be used, Then its peer alone is kept out, and those after it come in", async () => {
    const { listener, port } = await listen(loopback.IPv4);
    const third = address("127.0.0.3");
    const peers = [
      { address: loopback.IPv4, password: "x".repeat(81) },
      { address: other, password: "s3cret" },
      { address: third },
    ];
    assert.throws(() => listener.setPeers(peers), { name: "RangeError" });
    await connect(loopback.IPv4, port, { source: other, password: "s3cret" });
    await connect(loopback.IPv4, port, { source: third });
    await assertKeptOut(loopback.IPv4, port);
  });

  it("Given a peer whose new password cannot be used, Then it is kept out, also by the one before, until it has one that can", async () => {
    const { listener, port } = await listen(loopback.IPv4);
    listener.setPeers([{ address: other, password: "s3cret" }]);
    assert.throws(() => listener.setPeers([{ address: other, password: "x".repeat(81) }]), { name: "RangeError" });
    await assertKeptOut(loopback.IPv4, port, { source: other, password: "s3cret" });
    listener.setPeers([{ address: other }]);
    await connect(loopback.IPv4, port, { source: other });
  });

  it("Given two peers with one address, Then the password of the last that has one counts for both", async () => {
    const { listener, port } = await listen(loopback.IPv4);
    listener.setPeers([
      { address: other, password: "first" },
      { address: other, password: "last" },
      { address: other },
    ]);
    await connect(loopback.IPv4, port, { source: other, password: "last" });
  });

  it("Given a listener that was closed, Then setPeers does nothing", async () => {
    const { listener } = await listen(loopback.IPv4);
    listener.close();
    listener.setPeers([{ address: other, password: "s3cret" }]);
  });

  it("a port that is in use: an error in words", async () => {
    const { port } = await listen(loopback.IPv4);
    const options = { local: { address: loopback.IPv4, port }, hops: 255, onConnection: () => {}, onError: () => {} };
    const before = descriptors();
    await assert.rejects(listenTcp(options), {
      message: `listen on 127.0.0.1 port ${port}: address already in use (EADDRINUSE)`,
    });
    await assertClosed(before);
  });
});
