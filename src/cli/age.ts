const units = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1_000 },
] as const;

/** A time in short, as kubectl shows ages: the largest unit with the next smaller one while that still tells something, `3d4h`, `12m`, `7s`. */
export function formatAge(ms: number): string {
  const whole = Math.max(0, ms);
  const at = units.findIndex((unit) => whole >= unit.ms);
  const unit = units[at];
  if (unit === undefined) return "0s";
  const count = Math.floor(whole / unit.ms);
  const next = units[at + 1];
  const rest = next === undefined || count >= 10 ? 0 : Math.floor((whole % unit.ms) / next.ms);
  return `${count}${unit.name}${next !== undefined && rest > 0 ? `${rest}${next.name}` : ""}`;
}
