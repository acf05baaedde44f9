import type { LaunchSpec, Unenforced } from "./runtime.ts";

/** Leaves out the limits that only the daemon's configuration asks for: nobody needs to be told that a default does not hold here. */
export function withoutDefaults({ defaultLimits = [] }: LaunchSpec, unenforced: readonly Unenforced[]): Unenforced[] {
  const defaults = new Set(defaultLimits.map((name) => `resources.limits.${name}`));
  return unenforced.filter(({ field }) => !defaults.has(field));
}
