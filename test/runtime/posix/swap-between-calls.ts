import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const CALLS = [
  "lstatSync",
  "fstatSync",
  "openSync",
  "readdirSync",
  "mkdirSync",
  "writeFileSync",
  "chownSync",
  "fchownSync",
  "fchmodSync",
  "renameSync",
  "unlinkSync",
] as const;

/**
 * Runs `act` once for each call that it makes to the file system, and each time lets `swap` have its turn right before another one of them: as somebody
 * who is quick enough would at that moment. `around`: what is set up before each, and judged after it; what `act` throws is handed to it.
 */
export function swapBetweenCalls<T>(
  around: { setUp: () => T; judge: (of: T, moment: string, error: Error | undefined) => void },
  swap: (of: T) => void,
  act: (of: T) => void,
): number {
  for (let moment = 1; ; moment++) {
    const of = around.setUp();
    let calls = 0;
    let name = "";
    let error: Error | undefined;
    const restore = intercept((call) => {
      if (++calls !== moment) return;
      name = call;
      swap(of);
    });
    try {
      act(of);
    } catch (caught) {
      error = caught as Error;
    } finally {
      restore();
    }
    if (calls < moment) return moment - 1;
    around.judge(of, `before call ${moment}, ${name}`, error);
  }
}

/** What `before` calls itself is not told of. */
function intercept(before: (call: string) => void): () => void {
  const real = Object.fromEntries(CALLS.map((call) => [call, fs[call]]));
  const own = fs as unknown as Record<string, unknown>;
  let isBusy = false;
  for (const call of CALLS) {
    own[call] = (...args: unknown[]) => {
      if (!isBusy) {
        isBusy = true;
        try {
          before(call);
        } finally {
          isBusy = false;
        }
      }
      return (real[call] as (...args: unknown[]) => unknown)(...args);
    };
  }
  syncBuiltinESMExports();
  return () => {
    Object.assign(own, real);
    syncBuiltinESMExports();
  };
}
