import type { LaunchSpec } from "../../runtime/runtime.ts";

/** A complete spec of which a test names only what it is about. */
export function launchSpec(spec: Partial<LaunchSpec> & Pick<LaunchSpec, "uid" | "command">): LaunchSpec {
  return {
    copy: { owner: spec.uid, index: 0, namespace: "default", process: spec.uid, revision: 1 },
    run: 1,
    label: `default/${spec.uid}`,
    args: [],
    env: {},
    inheritEnvironment: "System",
    limits: {},
    stopSignal: "SIGTERM",
    logs: { maxSize: 10 * 1024 * 1024, maxFiles: 5, stderr: "Merge" },
    ...spec,
  };
}
