import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import koffi from "koffi";
import type { TcpConnection } from "../../../src/linux/tcp-connection.ts";
import { closeAll, connect, firstOf, listen, loopback } from "./tcp-loopback.ts";

const [SOL_SOCKET, SO_RCVBUF, SO_BUF_LOCK, SOCK_RCVBUF_LOCK] = [1, 8, 72, 2];
const getsockopt = koffi.load(null).func("int getsockopt(int, int, int, void *, void *)");

function option({ stream }: TcpConnection, name: number): number {
  const { _handle: handle } = stream as unknown as { readonly _handle: { readonly fd: number } };
  const value = new Int32Array(1);
  assert.equal(getsockopt(handle.fd, SOL_SOCKET, name, value, Uint32Array.of(4)), 0);
  return value[0] ?? 0;
}

afterEach(closeAll);

for (const [family, local] of Object.entries(loopback))
  it(`Given a connection over ${family}, Then 64 KiB may wait at either end, which the kernel doubles and never changes`, async () => {
    const { listener, port, accepted } = await listen(local);
    listener.setPeers([{ address: local }]);
    const ends = [await connect(local, port), await firstOf(accepted)];
    for (const end of ends) {
      assert.equal(option(end, SO_RCVBUF), 131_072);
      assert.equal(option(end, SO_BUF_LOCK) & SOCK_RCVBUF_LOCK, SOCK_RCVBUF_LOCK);
    }
  });
