/** One figure, with the target it is held to. */
export interface Result {
  what: string;
  n?: number;
  unit: string;
  wctl: number;
  /** The same, done by the floor (another supervisor, or the bare thing) in the same run. */
  floor?: number;
  ratio?: number;
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
