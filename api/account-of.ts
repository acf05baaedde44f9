import type { RunAs } from "./types.generated.ts";

/** What stands for the account of programs that name none: on Linux the daemon's own, unless the configuration says another (`defaults.runAs`). */
const NONE = "default";

/** Whose rights a program has, as roles name it in the verb `use`: `www-data`, `Dynamic`, `session:Console`, `default`. */
export function accountOf({ runAs }: { runAs?: RunAs }): string {
  if (runAs?.session !== undefined) return `session:${runAs.session}`;
  return runAs?.account ?? NONE;
}
