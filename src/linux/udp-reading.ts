import { closeSocket, SystemCallError, watchReadable } from "./libc.ts";

/** So that a flood cannot keep the thread from its other work: the rest is read in the next turn of the event loop. */
const DATAGRAMS_PER_TURN = 256;

/** What a socket says of its network once, when it goes; it serves again when that comes back. */
const passingErrors = new Set(["ENETDOWN", "ENETUNREACH", "EHOSTUNREACH", "ECONNREFUSED"]);

/** How one datagram is taken from a socket (undefined: none waits), and who is given it. */
export type UdpReader<Received> = {
  readonly receive: (fd: number) => Received | undefined;
  readonly onReceived: (received: Received) => void;
};

/** The reading of a socket; closing it closes the socket too. */
export type UdpReading = {
  /** Reads what waits, 256 datagrams at most. */
  drain(): void;
  close(): void;
};

/** Reads a bound UDP socket's datagrams from now on, also in each turn of the event loop in which some wait. */
export function readDatagrams<Received>(fd: number, { receive, onReceived }: UdpReader<Received>): UdpReading {
  // The descriptor's number may be another file's once it is closed, which `onReceived` may do.
  let open = true;
  const drain = (): void => {
    for (let i = 0; i < DATAGRAMS_PER_TURN && open; i++) {
      const received = unlessPassing(() => receive(fd));
      if (received === undefined) return;
      onReceived(received);
    }
  };
  const watch = watchReadable(fd, drain);
  return {
    drain,
    close: () => {
      open = false;
      watch.close();
      closeSocket(fd);
    },
  };
}

function unlessPassing<Received>(receive: () => Received | undefined): Received | undefined {
  try {
    return receive();
  } catch (error) {
    if (error instanceof SystemCallError && passingErrors.has(error.code)) return undefined;
    throw error;
  }
}
