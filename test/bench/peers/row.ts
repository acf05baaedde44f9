import { quantile, round } from "../result.ts";

/** One row of the table. */
export interface Row {
  what: string;
  n: number;
  unit: string;
  /** Medians. Who can't do it is not in it. */
  of: Record<string, number>;
}

/** The medians of each. */
export function row(what: string, unit: string, n: number, taken: Record<string, number[]>): Row {
  const medians = Object.entries(taken).filter(([, values]) => values.length > 0);
  return {
    what,
    n,
    unit,
    of: Object.fromEntries(medians.map(([who, values]) => [who, round(quantile(values, 0.5))])),
  };
}

export const readable = ({ what, n, unit, of }: Row): string =>
  `  ${what}, n = ${n}: ${Object.entries(of)
    .map(([who, value]) => `${who} ${value} ${unit}`)
    .join(", ")}`;
