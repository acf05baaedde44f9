import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Resolution } from "../../../runtime/runtime.ts";
import type { Sources } from "./files-of.ts";
import { type LaunchDefaults, launchSpec } from "./launch-spec.ts";
import { resolveReferences } from "./references.ts";

/** The environment with which an earlier daemon has started a run, as far as the API can tell now. Its probes and hooks get the same. */
export function resolveRun(
  instance: Stored<Instance> | undefined,
  sources: Sources,
  defaults: LaunchDefaults,
): Resolution {
  if (!instance) return { missing: "its Instance is not known" };
  const resolved = resolveReferences(instance, sources);
  const run = Math.max(1, instance.status?.run ?? 1);
  return "missing" in resolved ? resolved : launchSpec(instance, run, resolved, defaults);
}
