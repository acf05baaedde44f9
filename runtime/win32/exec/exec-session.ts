import type { ExecEnd, ExecRequest, ExecSession } from "../../../api/exec/exec-session.ts";
import { type LaunchSpec, StartError } from "../../runtime.ts";
import type { Win32Context } from "../context.ts";
import { inputStream, outputStream } from "../files/pipe-streams.ts";
import { Job } from "../job/job.ts";
import type { HeldProcess } from "../process/held-process.ts";
import { KILLED } from "../tree/kill-tree.ts";
import { whenEnded } from "../tree/when-ended.ts";
import type { Win32Workload } from "../workload.ts";
import { beginExec } from "./begin-exec.ts";
import { withNothing } from "./nothing.ts";

/** Runs a command beside the workload for somebody who reads and writes meanwhile. Throws StartError; a terminal is not offered here. */
export function openExecSession(
  context: Win32Context,
  workload: Win32Workload,
  spec: LaunchSpec,
  { command, stdin, terminal }: ExecRequest,
): ExecSession {
  if (terminal) throw new StartError("InvalidArgument", "a terminal (-t) is not offered on Windows yet: leave -t out");
  const { api, clock } = context;
  const job = Job.create(api);
  const input = stdin ? inputStream(api, clock) : undefined;
  const [output, errors] = [outputStream(api, clock), outputStream(api, clock)];
  const pipes = [output, errors, ...(input ? [input] : [])];
  const release = (): void => {
    job.close();
    for (const { stream } of pipes) stream.destroy();
  };
  let process: HeldProcess;
  try {
    const begin = (handle: number): HeldProcess =>
      beginExec(context, workload, { spec, command, env: {} }, job, {
        stdin: handle,
        stdout: output.theirs,
        stderr: errors.theirs,
      });
    process = input ? begin(input.theirs) : withNothing(api, begin);
  } catch (error) {
    release();
    throw error;
  } finally {
    for (const pipe of pipes) pipe.given();
  }
  const ending = whenEnded(context, job, process);
  const ended = ending.ended.then((): ExecEnd => {
    const { code } = process.exit();
    job.terminate(KILLED); // Ends what it left behind.
    process.close();
    return { code };
  });
  let closing: Promise<void> | undefined;
  return {
    ...(input && { stdin: input.stream }),
    stdout: output.stream,
    stderr: errors.stream,
    ended,
    resize: () => {},
    close: () => {
      closing ??= end();
      return closing;
    },
  };

  async function end(): Promise<void> {
    job.terminate(KILLED);
    await ended.catch(() => {});
    release();
  }
}
