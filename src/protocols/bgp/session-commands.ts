/**
 * What a session wants of its transport, in this order. Connections have numbers that are never used twice.
 * - `connect`: begin one; answer with `connected` or `closed`
 * - `write`: send these bytes; answer with `full` if no more are to come, and with `writable` when they may again
 * - `close`: end it, also one that is being made; what was written is sent if that is possible within a second, not longer. It is
 *   not answered: nothing more is said of this connection
 */
export type Command =
  | { readonly kind: "connect"; readonly connection: number }
  | { readonly kind: "write"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly connection: number };

/** Collects commands, and numbers connections. */
export class Commands {
  #commands: Command[] = [];
  #connections = 0;

  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }

  connect(): number {
    const connection = this.nextConnection();
    this.#commands.push({ kind: "connect", connection });
    return connection;
  }

  write(connection: number, bytes: Uint8Array): void {
    this.#commands.push({ kind: "write", connection, bytes });
  }

  close(connection: number): void {
    this.#commands.push({ kind: "close", connection });
  }

  /** Those since the last call. */
  take(): readonly Command[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }
}
