import type { Instance } from "../../../api/types.generated.ts";

/** `processes 4096 (the daemon's default), memory 536870912`: what the running program was started with. */
export function limitsText({ spec, status }: Pick<Instance, "spec" | "status">): string | undefined {
  const declared = spec.resources?.limits ?? {};
  const limits = Object.entries(status?.limits ?? {}).map(
    ([name, value]) => `${name} ${value}${Object.hasOwn(declared, name) ? "" : " (the daemon's default)"}`,
  );
  return limits.length === 0 ? undefined : limits.join(", ");
}
