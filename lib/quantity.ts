/** Powers of ten. The binary suffixes are powers of 1024 in the order of BINARY. */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const SHAPE = /^([+-]?)(\d+\.?\d*|\.\d+)([A-Za-z]{0,2}|[eE][+-]?\d{1,4})$/;

/**
 * A Kubernetes quantity (apimachinery `pkg/api/resource`): `512Mi`, `500m`, `1.5`, `2k`, `1e3`, or a plain number. The value as a
 * number, correctly rounded. Throws a RangeError that quotes the input.
 */
export function parseQuantity(quantity: number | string): number {
  if (typeof quantity === "number") {
    if (Number.isFinite(quantity)) return quantity;
    throw new RangeError(`quantity ${quantity} is not a finite number`);
  }
  const [, sign, digits = "", suffix = ""] = (quantity.length <= 64 && SHAPE.exec(quantity)) || [];
  const value = digits === "" ? undefined : scale(digits, suffix);
  if (value === undefined || !Number.isFinite(value)) {
    const quoted = JSON.stringify(quantity.length > 64 ? `${quantity.slice(0, 64)}…` : quantity);
    throw new RangeError(
      `quantity ${quoted} is not a number with an optional suffix (n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei)`,
    );
  }
  return sign === "-" && value !== 0 ? -value : value;
}

function scale(digits: string, suffix: string): number | undefined {
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return Number(digits) * 1024 ** binary;
  // Number() of a decimal literal rounds once; multiplying would round twice.
  const exponent = Object.hasOwn(DECIMAL, suffix) ? DECIMAL[suffix] : exponentOf(suffix);
  return exponent === undefined ? undefined : Number(`${digits.replace(/\.$/, "")}e${exponent}`);
}

const exponentOf = (suffix: string): number | undefined =>
  /^[eE][+-]?\d+$/.test(suffix) ? Number(suffix.slice(1)) : undefined;

/**
 * The canonical form of Kubernetes: the largest suffix that leaves a whole number: `512Mi`, `1500m`, `3k`. `BinarySI` is for
 * amounts of memory, and falls back to `DecimalSI` below 1024. Fractions finer than a billionth are rounded up.
 */
export function formatQuantity(value: number, format: "DecimalSI" | "BinarySI" = "DecimalSI"): string {
  if (!Number.isFinite(value)) throw new RangeError(`quantity ${value} is not a finite number`);
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (format === "BinarySI" && Number.isInteger(size) && size >= 1024) {
    const power = BINARY.findLastIndex((_, index) => size % 1024 ** index === 0);
    return `${sign}${BigInt(size / 1024 ** power)}${BINARY[power]}`;
  }
  const billionths = Number.isInteger(size) ? BigInt(size) * 1_000_000_000n : BigInt(Math.ceil(nearly(size * 1e9)));
  const suffixes = Object.entries(DECIMAL).map(([suffix, power]) => ({ suffix, unit: 10n ** BigInt(power + 9) }));
  const { suffix, unit } = suffixes.findLast(({ unit }) => billionths % unit === 0n) ?? { suffix: "n", unit: 1n };
  return `${sign}${billionths / unit}${suffix}`;
}

/** An amount of memory as people write it: `512Mi`, or `500M` where no power of 1024 fits. */
export function formatBytes(bytes: number): string {
  const binary = formatQuantity(bytes, "BinarySI");
  return /\d$/.test(binary) ? formatQuantity(bytes) : binary;
}

/** About so many bytes, for people: `1.4Mi`. */
export function roundBytes(bytes: number): string {
  let [value, power] = [bytes, 0];
  for (; value >= 1023.5 && power < BINARY.length - 1; power++) value /= 1024;
  return `${power > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)}${BINARY[power]}`;
}

/** 0.1 * 3 * 1e9 is not a whole number although it was meant to be: a number so close to a whole one counts as whole. */
const nearly = (value: number): number =>
  Math.abs(value - Math.round(value)) <= value * Number.EPSILON * 4 ? Math.round(value) : value;
