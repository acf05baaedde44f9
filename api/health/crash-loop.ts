/**
 * A program has failed again before a healthy run, so its restarts wait: those of everybody else go before them (P16). `failures`: restarts since that
 * run, as in `status.backoff` of an Instance.
 */
export const isCrashLooping = ({ failures = 0 }: { failures?: number } = {}): boolean => failures > 1;
