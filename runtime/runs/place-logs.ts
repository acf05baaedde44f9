import type { LaunchSpec } from "../runtime.ts";
import type { InstanceFiles } from "./instance-files.ts";
import type { RunIntent } from "./run-record.ts";

/** Where the next run writes: the logs are numbered over all Instances of a copy. The Instance has entered its home. */
export function placeLogs(
  files: InstanceFiles,
  { uid, copy: declared, logs }: Pick<LaunchSpec, "uid" | "copy" | "logs">,
): Pick<RunIntent, "number" | "stdout" | "stderr"> {
  const { homes } = files;
  const copy = files.copyOf(uid) ?? declared;
  const number = homes.nextNumber(copy);
  return { number, ...homes.logsOf(copy, number, logs.stderr === "Separate") };
}
