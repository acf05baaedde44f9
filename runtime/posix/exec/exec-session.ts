import type { ExecEnd, ExecRequest, ExecSession } from "../../../api/exec/exec-session.ts";
import type { LaunchSpec } from "../../runtime.ts";
import type { PosixContext } from "../context.ts";
import type { PosixWorkload } from "../workload.ts";
import { beginExec, type ExecRun } from "./begin-exec.ts";
import { openPipeStreams } from "./pipe-streams.ts";
import { openTerminal } from "./terminal.ts";

/** Runs a command beside the workload for somebody who reads and writes meanwhile. */
export async function openExecSession(
  context: PosixContext,
  workload: PosixWorkload,
  spec: LaunchSpec,
  { command, stdin, terminal }: ExecRequest,
): Promise<ExecSession> {
  const ends = terminal ? openTerminal(terminal, context.clock) : openPipeStreams({ stdin }, context.clock);
  let run: ExecRun;
  try {
    run = await beginExec(
      context,
      workload,
      { spec, command, env: terminal ? { TERM: terminal.name } : {} },
      ends.theirs,
    );
  } catch (error) {
    ends.destroy();
    throw error;
  } finally {
    ends.given();
  }
  const { stdout, stderr } = ends;
  const ended = endOf(run);
  const finish = (): void => ends.finish();
  ended.then(finish, finish);
  return {
    ...(stdin && ends.stdin && { stdin: ends.stdin }),
    stdout,
    ...(stderr && { stderr }),
    ended,
    resize: (size) => ends.resize(size),
    close: async () => {
      run.kill();
      await run.endTree();
      ends.destroy();
    },
  };
}

/** What it left behind ends with it: else it would hold the session open, or live on where nobody sees it. */
async function endOf(run: ExecRun): Promise<ExecEnd> {
  try {
    const { code, signal } = await run.exited;
    await run.endTree();
    const refused = run.refusal();
    if (refused) throw refused;
    return code !== undefined ? { code } : { signal: signal ?? "SIGKILL" };
  } finally {
    run.close();
  }
}
