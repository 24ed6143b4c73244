/** Connections over loopback; what needs hosts and links is in test/e2e/tcp-socket.test.ts. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { afterEach, describe, it } from "node:test";
import { connectTcp, type TcpConnectOptions } from "../../../src/linux/tcp-socket.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";
import {
  assertClosed,
  assertDropped,
  assertEchoes,
  closeAll,
  connect,
  descriptors,
  firstOf,
  listen,
  loopback,
  never,
  read,
} from "./tcp-loopback.ts";

afterEach(closeAll);

for (const [family, local] of Object.entries(loopback))
  describe(`over ${family}`, () => {
    it("Given a listener that knows the peer, Then both ends hear each other and know who the other is", async () => {
      const { listener, port, accepted } = await listen(local);
      listener.setPeers([{ address: local }]);
      const one = await connect(local, port, { source: local });
      const end = await firstOf(accepted);
      await assertEchoes(one, end);
      assert.deepEqual(
        [one.peer, end.local],
        [
          { address: local, port },
          { address: local, port },
        ],
      );
      assert.deepEqual(end.peer, one.local);
    });

    it("Given the same password at both ends, Then they connect; Given another or none at one, Then they do not", async () => {
      const { listener, port, accepted } = await listen(local);
      listener.setPeers([{ address: local, password: "s3cret" }]);
      await assertEchoes(await connect(local, port, { password: "s3cret" }), await firstOf(accepted));
      await assertDropped("TCPMD5Failure", local, port, { password: "other" });
      await assertDropped("TCPMD5NotFound", local, port);
      listener.setPeers([{ address: local }]);
      await assertDropped("TCPMD5Unexpected", local, port, { password: "s3cret" });
      await connect(local, port);
    });

    it("Given a listener, When the password changes, Then the next connection needs the new one and what stands goes on", async () => {
      const { listener, port, accepted } = await listen(local);
      listener.setPeers([{ address: local, password: "first" }]);
      const one = await connect(local, port, { password: "first" });
      const end = await firstOf(accepted);
      listener.setPeers([{ address: local, password: "second" }]);
      await assertDropped("TCPMD5Failure", local, port, { password: "first" });
      await connect(local, port, { password: "second" });
      await assertEchoes(one, end);
    });

    it("Given a connection that stands, When both ends change the password, Then it goes on", async () => {
      const { listener, port, accepted } = await listen(local);
      listener.setPeers([{ address: local, password: "first" }]);
      const one = await connect(local, port, { password: "first" });
      const end = await firstOf(accepted);
      await assertEchoes(one, end);
      for (const each of [one, end]) each.setPassword("second");
      await assertEchoes(one, end);
    });

    it("Given least hops of 255 at the listener, Then a peer that sends with 255 connects and one with 254 does not", async () => {
      const { listener, port } = await listen(local, { leastHops: 255 });
      listener.setPeers([{ address: local }]);
      await assertDropped("TCPMinTTLDrop", local, port, { hops: 254 });
      await connect(local, port, { hops: 255 });
    });

    it("Given least hops of 255 at the connecting end, Then answers with fewer are dropped", async () => {
      const { listener, port } = await listen(local, { hops: 64 });
      listener.setPeers([{ address: local }]);
      await assertDropped("TCPMinTTLDrop", local, port, { leastHops: 255 });
      await connect(local, port, { leastHops: 64 });
    });

    it("Given a connection that stands, When its least hops rise above what arrives, Then nothing arrives until they sink", async () => {
      const { listener, port, accepted } = await listen(local);
      listener.setPeers([{ address: local }]);
      const one = await connect(local, port, { hops: 64 });
      const end = await firstOf(accepted);
      await assertEchoes(one, end);
      end.setHops({ hops: 255, leastHops: 255 });
      const heard = read(end);
      one.stream.write("late");
      assert.equal(
        await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, 100, "nothing"))]),
        "nothing",
      );
      end.setHops({ hops: 255 });
      assert.equal(await heard, "late");
    });

    it("Given nobody at the port, Then the error says with whom and why in words, and the descriptor is closed", async () => {
      const { listener, port } = await listen(local);
      listener.close();
      const before = descriptors();
      await assert.rejects(connect(local, port), {
        name: "TcpError",
        code: "ECONNREFUSED",
        message: `connect to ${formatAddress(local)} port ${port}: connection refused (ECONNREFUSED)`,
      });
      await assertClosed(before);
    });
  });

describe("life of a connection", () => {
  it("Given a connection that was destroyed, Then its descriptor is closed once and no option goes to another file", async () => {
    const { listener, port, accepted } = await listen(loopback.IPv4);
    listener.setPeers([{ address: loopback.IPv4 }]);
    const before = descriptors();
    const one = await connect(loopback.IPv4, port);
    const end = await firstOf(accepted);
    one.stream.destroy();
    one.stream.destroy();
    one.setPassword("s3cret");
    one.setHops({ hops: 1 });
    end.stream.destroy();
    await assertClosed(before);
  });

  it("Given a connection that is aborted before it stands, Then it ends and its descriptor is closed", async () => {
    const { port } = await listen(loopback.IPv4);
    const before = descriptors();
    const controller = new AbortController();
    const pending = connectTcp({ peer: { address: loopback.IPv4, port }, hops: 255 }, controller.signal);
    controller.abort();
    const wanted = { code: "ABORT_ERR", message: `connect to 127.0.0.1 port ${port}: given up` };
    await assert.rejects(pending, wanted);
    await assert.rejects(connectTcp({ peer: { address: loopback.IPv4, port }, hops: 255 }, controller.signal), wanted);
    await assertClosed(before);
  });

  it("Given an abort after it stands, Then it goes on", async () => {
    const { listener, port, accepted } = await listen(loopback.IPv4);
    listener.setPeers([{ address: loopback.IPv4 }]);
    const controller = new AbortController();
    const one = await connectTcp({ peer: { address: loopback.IPv4, port }, hops: 255 }, controller.signal);
    controller.abort();
    await assertEchoes(one, await firstOf(accepted));
    one.stream.destroy();
  });

  it("Given a reader that does not read, Then write says so, and drain comes once it reads; nothing is lost", async () => {
    const { listener, port, accepted } = await listen(loopback.IPv4);
    listener.setPeers([{ address: loopback.IPv4 }]);
    const one = await connect(loopback.IPv4, port);
    const end = await firstOf(accepted);
    end.stream.pause();
    const update = Buffer.alloc(1 << 16, 7);
    let written = 0;
    do written += update.length;
    while (one.stream.write(update) || written < 1 << 24);
    const drained = new Promise((resolve) => one.stream.once("drain", resolve));
    const received = text(end.stream.setEncoding("latin1"));
    await drained;
    one.stream.end();
    assert.equal((await received).length, written);
  });
});

describe("what cannot be had", () => {
  const peer = { address: loopback.IPv4, port: 179 };
  type Wanted = { readonly code?: string; readonly message?: string };
  const cases: readonly (readonly [string, Partial<TcpConnectOptions>, Wanted])[] = [
    [
      "a device that is not there",
      { device: "vrf-blue" },
      { code: "ENODEV", message: "bind to device vrf-blue for 127.0.0.1 port 179: no such device (ENODEV)" },
    ],
    [
      "a source that this host does not have",
      { source: address("192.0.2.1") },
      { code: "EADDRNOTAVAIL", message: "bind to source 192.0.2.1 port 0: address not available (EADDRNOTAVAIL)" },
    ],
    [
      "hops beyond 255",
      { hops: 256 },
      { code: "EINVAL", message: "set hops for 127.0.0.1 port 179: invalid argument (EINVAL)" },
    ],
    ["a password without a byte", { password: "" }, { message: "password: 0 bytes, not 1 to 80" }],
    ["a password of 81 bytes", { password: `ä${"x".repeat(79)}` }, { message: "password: 81 bytes, not 1 to 80" }],
    ["a port that is none", { peer: { address: loopback.IPv4, port: 65_536 } }, { code: "ERR_SOCKET_BAD_PORT" }],
  ];
  for (const [name, options, wanted] of cases)
    it(`${name}: an error in words, and no descriptor is left open`, async () => {
      const before = descriptors();
      await assert.rejects(connectTcp({ peer, hops: 255, ...options }, never), wanted);
      await assertClosed(before);
    });
});
