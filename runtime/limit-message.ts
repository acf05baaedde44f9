import { formatBytes } from "../lib/quantity.ts";
import type { RunRecord } from "./runs/run-record.ts";

type Limited = Pick<RunRecord, "label" | "limits">;

/** What the Event says. `how`: what this system does at the limit. */
export const memoryMessage = ({ label, limits }: Limited, how: string): string =>
  `${label}: ${how} because it reached its memory limit of ${formatBytes(limits.memory ?? 0)}`;

export const processesMessage = ({ label, limits }: Limited): string =>
  `${label}: a new process was refused because the tree reached its limit of ${limits.processes} processes`;
