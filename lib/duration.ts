const MILLISECONDS = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek letter mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
} as const;

/** Go's int64 of nanoseconds ends here; longer durations are typing errors. */
const MAX_MS = 2 ** 63 / 1e6;

/**
 * Go's duration grammar (`time.ParseDuration`): `10s`, `1h30m`, `1.5h`, `-2m`, `0`. Milliseconds, fractions kept.
 * Throws a RangeError that quotes the input. One pass.
 */
export function parseDuration(text: string): number {
  const quoted = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  const signed = text.startsWith("-") || text.startsWith("+");
  const body = signed ? text.slice(1) : text;
  if (body === "0") return 0;
  if (body === "" || text.length > 100)
    throw new RangeError(`invalid duration ${quoted}: write it like 30s, 5m or 1h30m`);
  let total = 0;
  const part = /(\d+\.?\d*|\.\d+)([a-zµμ]*)/y;
  while (part.lastIndex < body.length) {
    const [, digits, unit] = part.exec(body) ?? [];
    if (digits === undefined) throw new RangeError(`invalid duration ${quoted}: write it like 30s, 5m or 1h30m`);
    if (!unit) throw new RangeError(`missing unit in duration ${quoted}: write it like 30s, 5m or 1h30m`);
    if (!isUnit(unit)) throw new RangeError(`unknown unit "${unit}" in duration ${quoted}: use ns, us, ms, s, m or h`);
    total += Number(digits) * MILLISECONDS[unit];
  }
  if (total > MAX_MS) throw new RangeError(`invalid duration ${quoted}: longer than 292 years`);
  return text.startsWith("-") ? -total : total;
}

const isUnit = (unit: string): unit is keyof typeof MILLISECONDS => Object.hasOwn(MILLISECONDS, unit);

/** Whole units, then how many of the next one below, when there are any: `3m20s`, `3m`. */
const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;

/** The text of AGE columns for `ms`: exactly Kubernetes' `duration.HumanDuration` (apimachinery `pkg/util/duration`). */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (!(seconds >= -1)) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds + 0}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return pair(days, "d", hours % 24, "h");
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? pair(years, "y", days % 365, "d") : `${years}y`;
}
