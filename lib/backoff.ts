export interface Backoff {
  initialMs: number;
  factor: number;
  maxMs: number;
}

/**
 * The wait before try `n` after the first failure (`n` = 0): `initialMs * factor^n`, never above `maxMs`. Always a finite number
 * in [0, maxMs], however large `n` is.
 */
export function backoffMs(n: number, { initialMs, factor, maxMs }: Backoff): number {
  if (initialMs <= 0) return 0;
  const wait = initialMs * factor ** Math.max(0, n);
  return wait < maxMs ? wait : maxMs;
}
