/** What happened in a run, line by line: always a hash of it, the lines themselves if they are wanted. */
export class Trace {
  readonly lines: string[] = [];
  readonly #keep: boolean;
  #low = 0x811c9dc5;
  #high = 0x01000193;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** Whether lines are kept. */
  get keeps(): boolean {
    return this.#keep;
  }

  /** Adds a line. */
  add(line: string): void {
    if (this.#keep) this.lines.push(line);
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ code, 0x01000193);
      this.#high = Math.imul(this.#high ^ (code + i), 0x85ebca6b);
    }
  }

  /** Adds a line that explains and does not count: the hash is the same without it. */
  remark(line: string): void {
    if (this.#keep) this.lines.push(`  ${line}`);
  }

  /** Two runs in which the same happened have the same. */
  hash(): string {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
