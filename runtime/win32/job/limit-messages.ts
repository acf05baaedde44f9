import { memoryMessage, processesMessage } from "../../limit-message.ts";
import type { RunRecord } from "../../runs/run-record.ts";
import { constants } from "../ffi/constants.ts";

const LIMITS: Readonly<Record<number, "memory" | "processes">> = {
  [constants.JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT]: "memory",
  [constants.JOB_OBJECT_MSG_JOB_MEMORY_LIMIT]: "memory",
  [constants.JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT]: "processes",
};

/** The limit that a message of the job tells of; undefined for all other messages. */
export function limitOf(message: number): "memory" | "processes" | undefined {
  return LIMITS[message];
}

/** What the Event says. */
export const limitMessage = (limit: "memory" | "processes", record: Pick<RunRecord, "label" | "limits">): string =>
  limit === "memory" ? memoryMessage(record, "memory was refused to a process of the tree") : processesMessage(record);
