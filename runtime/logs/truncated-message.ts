import type { RunRecord } from "../runs/run-record.ts";

/** What the Event says. `lost`: bytes that are known to have stood there and are gone. */
export function truncatedMessage(
  path: string,
  { run, stderr }: Pick<RunRecord, "run" | "stderr">,
  lost: number,
): string {
  const stream = path === stderr ? "stderr" : "output";
  const what = `the ${stream} log of run ${run} was emptied by the program or another (as "> /dev/stderr" or copytruncate do)`;
  return lost === 0
    ? `${what}; what stood there before was kept`
    : `${what}, and at least ${lost} bytes of it are lost; open it for appending (">> /dev/stderr")`;
}
