import { constants } from "node:os";
import { getSystemErrorMessage } from "node:util";
import { type Address, formatAddress } from "../net/address.ts";

/** One end of a TCP connection. */
export type TcpEndpoint = { readonly address: Address; readonly port: number };

/** A connection or a listener failed; the message says at what, with whom, and the errno in words; `code` is its name. */
export class TcpError extends Error {
  override readonly name = "TcpError";
  readonly code: string;

  constructor(message: string, code: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Such as `connect to 192.0.2.1 port 179: connection refused (ECONNREFUSED)`, of an error with the name of an errno. */
export function tcpError(operation: string, { address, port }: TcpEndpoint, cause: unknown): TcpError {
  const code = codeOf(cause);
  const subject = `${operation} ${formatAddress(address)} port ${port}`;
  return new TcpError(`${subject}: ${errnoWords(code) ?? String(cause)}`, code, cause);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}

function errnoWords(code: string): string | undefined {
  const errno = Object.entries(constants.errno).find(([name]) => name === code)?.[1];
  return errno === undefined ? undefined : `${getSystemErrorMessage(-errno)} (${code})`;
}
