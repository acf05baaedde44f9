import type { Copy } from "../homes/copy.ts";
import type { LaunchSpec } from "../runtime.ts";
import type { HomeFiles } from "./home-files.ts";
import type { RunIntent } from "./run-record.ts";

/** Where the next run writes: the logs are numbered over all Instances of a copy. `copy`: whose home the Instance has entered. */
export function placeLogs(
  homes: HomeFiles,
  copy: Copy,
  logs: LaunchSpec["logs"],
): Pick<RunIntent, "number" | "stdout" | "stderr"> {
  const number = homes.nextNumber(copy);
  return { number, ...homes.logsOf(copy, number, logs.stderr === "Separate") };
}
