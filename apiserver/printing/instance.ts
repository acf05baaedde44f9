import type { Stored } from "../../api/object.ts";
import type { Instance, InstanceStatus } from "../../api/types.generated.ts";
import type { Cell } from "./cell.ts";

/** The words that people grep for in the STATUS column, as kubectl shows them for Pods. */
type StatusWord = "Running" | "Pending" | "Completed" | "CrashLoopBackOff" | "Error" | "Terminating";

const words = {
  Pending: "Pending",
  Starting: "Pending",
  Running: "Running",
  Ready: "Running",
  Backoff: "CrashLoopBackOff",
  Stopping: "Terminating",
  Succeeded: "Completed",
  Failed: "Error",
} as const satisfies Record<NonNullable<InstanceStatus["phase"]>, StatusWord>;

/** A deletion wins over what still runs; a program that waits for its startup probe runs. */
export function instanceStatusWord({ metadata, status }: Stored<Instance>): StatusWord {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (status?.phase === "Starting" && status.state?.running) return "Running";
  return status?.phase === undefined ? "Pending" : words[status.phase];
}

export const instanceReady = ({ status }: Stored<Instance>): Cell => (status?.ready === true ? "1/1" : "0/1");
