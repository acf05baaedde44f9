/** One figure, with the target it is held to. */
export interface Result {
  what: string;
  n?: number;
  unit: string;
  wctl: number;
  /** The same, done by the floor (another supervisor, or the bare thing) in the same run. */
  floor?: number;
  ratio?: number;
  /** The same, done by another build of wctl in the same rounds (`--before`). */
  before?: number;
  target: string;
  isMet: boolean;
  notes?: Record<string, unknown>;
}

/** `floor` is what another did in the same run; `limit` is how many times as much is allowed. */
export function compared(what: string, unit: string, wctl: number, floor: number, limit: number): Result {
  const ratio = wctl / floor;
  return {
    what,
    unit,
    wctl: round(wctl),
    floor: round(floor),
    ratio: round(ratio),
    target: `<= ${limit} x floor`,
    isMet: ratio <= limit,
  };
}

/** What each took, round by round. */
export interface Taken {
  wctl: number[];
  floor: number[];
  before?: number[];
}

/** One value of what each did in each round. */
export const ofEach = <T>(seen: Partial<Record<keyof Taken, T[]>>, value: (one: T) => number): Taken =>
  Object.fromEntries(Object.entries(seen).map(([who, all]) => [who, all.map(value)])) as unknown as Taken;

export const mediansOf = (taken: Taken): Record<string, number> =>
  Object.fromEntries(Object.entries(taken).map(([who, values]) => [who, quantile(values, 0.5)]));

/** Medians of rounds in which each had its turn; the ratio is the median of the rounds' ratios. */
export function paired(what: string, unit: string, { wctl, floor, before }: Taken, limit: number): Result {
  const ratio = quantile(
    wctl.map((value, round) => value / floor[round]!),
    0.5,
  );
  return {
    ...compared(what, unit, quantile(wctl, 0.5), quantile(floor, 0.5), limit),
    ratio,
    ...(before ? { before: quantile(before, 0.5) } : {}),
    isMet: ratio <= limit,
  };
}

/** A median that is held to a number. */
export function atMost(what: string, unit: string, { wctl, floor, before }: Taken, most: number): Result {
  const value = quantile(wctl, 0.5);
  return {
    what,
    unit,
    wctl: value,
    floor: quantile(floor, 0.5),
    ...(before ? { before: quantile(before, 0.5) } : {}),
    target: `<= ${most}`,
    isMet: value <= most,
  };
}

export async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
}

export const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;
export const round = (value: number): number => Math.round(value * 1000) / 1000;
