import { badRequest, StatusError } from "../../api/errors.ts";
import type { Copy } from "../homes/copy.ts";
import { runNumber } from "../runs/run-number.ts";

/** Where a reader of a copy is: in the first run from `run` on. `offsets` are those of its files, and count only in that run itself. */
export interface LogPosition {
  run: number;
  offsets: readonly number[];
}

/** `OWNER:INDEX:RUN:OFFSET,OFFSET` */
export const formatPosition = ({ owner, index }: Copy, { run, offsets }: LogPosition): string =>
  `${owner}:${index}:${run}:${offsets.join(",")}`;

/** Throws BadRequest for what is no position, and Expired for one of another copy: a Process of the same name, made since. */
export function parsePosition(text: string, { owner, index }: Copy): LogPosition {
  const parts = /^(.+):(\d+):(\d+):((?:\d{1,16}(?:,\d{1,16})*)?)$/.exec(text);
  const run = runNumber(parts?.[3] ?? "");
  if (!parts || run === undefined) throw badRequest(`query parameter position: ${JSON.stringify(text)} is no position`);
  if (parts[1] !== owner || Number(parts[2]) !== index)
    throw new StatusError("Expired", "the position is one in the log of another copy: begin anew");
  return { run, offsets: parts[4] ? parts[4].split(",").map(Number) : [] };
}
