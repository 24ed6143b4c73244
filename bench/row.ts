/** One number that was measured, beside what it is measured against. */
export type Row = {
  readonly what: string;
  /** How many samples, Services or seconds it rests on. */
  readonly n: number;
  /** Herald's, in the unit that it carries: "11.2 ms, p99 40 ms". */
  readonly herald: string;
  /** The bare client's or bare API server's in the same run; empty: there is nothing to compare with. */
  readonly raw: string;
  /** "1.6 ×" or "82 %"; empty without raw. */
  readonly ratio: string;
  /** What is promised; empty: nothing, the row is for information. */
  readonly budget: string;
  /** Undefined without a budget. */
  readonly met?: boolean;
  /** The same as numbers, for `--json`. */
  readonly figures: Readonly<Record<string, number>>;
};

/** What a row is made of; what is left out is empty. */
export type RowParts = Pick<Row, "what" | "n" | "herald" | "figures"> & Partial<Row>;

/** A row with its empty cells filled. */
export function row(parts: RowParts): Row {
  return { raw: "", ratio: "", budget: "", ...parts };
}

/** Milliseconds as people read them: three digits, in seconds from ten thousand on. */
export function ms(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

/** How many times as long: "1.62 ×". */
export function times(value: number): string {
  return `${value.toFixed(2)} ×`;
}

/** A share of one: "65 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
