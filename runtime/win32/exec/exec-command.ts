import { sleep } from "../../../lib/clock.ts";
import type { ExecOptions, ExecResult, LaunchSpec } from "../../runtime.ts";
import type { Win32Context } from "../context.ts";
import { OutputPipe } from "../files/output-pipe.ts";
import { Job } from "../job/job.ts";
import type { HeldProcess } from "../process/held-process.ts";
import { KILLED } from "../tree/kill-tree.ts";
import { type Ending, whenEnded } from "../tree/when-ended.ts";
import type { Win32Workload } from "../workload.ts";
import { beginExec } from "./begin-exec.ts";
import { withNothing } from "./nothing.ts";

/** Milliseconds to wait for output that a left-over grandchild might still write. */
const DRAIN_MS = 100;

/** Runs a command beside the workload to its end: a probe or a hook. */
export async function execCommand(
  context: Win32Context,
  workload: Win32Workload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { api, clock } = context;
  const job = Job.create(api);
  let pipe: OutputPipe | undefined;
  let process: HeldProcess | undefined;
  let ending: Ending | undefined;
  try {
    pipe = OutputPipe.open(api, clock, options.maxOutput);
    const what = { spec, command, env: options.env ?? {} };
    process = begin(context, workload, what, job, pipe);
    ending = whenEnded(context, job, process);
    const timer = new AbortController();
    const timedOut = await Promise.race([
      ending.ended.then(() => false),
      sleep(clock, options.timeoutMs, timer.signal).then(
        () => true,
        () => false,
      ),
    ]);
    timer.abort();
    const { code } = process.hasEnded ? process.exit() : { code: undefined };
    job.terminate(KILLED); // Ends what a finished command left behind.
    await ending.ended;
    pipe.drain();
    await Promise.race([pipe.ended, sleep(clock, DRAIN_MS)]);
    return { ...(!timedOut && code !== undefined && { code }), timedOut, output: pipe.text() };
  } finally {
    ending?.stop();
    process?.close();
    job.close();
    pipe?.close();
  }
}

function begin(
  context: Win32Context,
  workload: Win32Workload,
  what: Parameters<typeof beginExec>[2],
  job: Job,
  pipe: OutputPipe,
): HeldProcess {
  try {
    return withNothing(context.api, (stdin) =>
      beginExec(context, workload, what, job, { stdin, stdout: pipe.writer, stderr: pipe.writer }),
    );
  } finally {
    pipe.given();
  }
}
