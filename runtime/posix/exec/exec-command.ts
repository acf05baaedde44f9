import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { sleep } from "../../../lib/clock.ts";
import type { ExecOptions, ExecResult, LaunchSpec } from "../../runtime.ts";
import type { PosixContext } from "../context.ts";
import { openPipe } from "../process/pipe.ts";
import { shareOutput } from "../process/share-output.ts";
import type { PosixWorkload } from "../workload.ts";
import { beginExec, type ExecRun } from "./begin-exec.ts";

/** Runs a command beside the workload to its end: a probe or a hook. */
export async function execCommand(
  context: PosixContext,
  workload: PosixWorkload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const pipe = openPipe();
  const output = collect(pipe.read, options.maxOutput);
  let run: ExecRun;
  try {
    run = await beginExec(
      context,
      workload,
      { spec, command, env: options.env ?? {} },
      { stdout: pipe.write, stderr: pipe.write, share: (credentials) => shareOutput([pipe.write], credentials) },
    );
  } catch (error) {
    output.abandon();
    throw error;
  } finally {
    closeSync(pipe.write);
  }
  const timer = new AbortController();
  const timeout = sleep(context.clock, options.timeoutMs, timer.signal).catch(() => undefined);
  try {
    const exit = await Promise.race([run.exited, timeout]);
    if (!exit) run.kill();
    await run.endTree();
    const refused = run.refusal();
    if (refused) throw refused;
    await output.drained();
    return {
      ...(exit?.code !== undefined && { code: exit.code }),
      timedOut: exit === undefined,
      output: output.text(),
    };
  } finally {
    timer.abort();
    output.abandon();
    run.close();
  }
}

/** Keeps the first bytes, and reads on without storing, so that a full pipe never blocks the program. */
function collect(fd: number, maxOutput: number): { drained(): Promise<void>; text(): string; abandon(): void } {
  const socket = new Socket({ fd, readable: true, writable: false });
  const chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  socket.on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, Math.max(0, maxOutput - kept));
    kept += part.length;
    dropped += chunk.length - part.length;
    if (part.length > 0) chunks.push(part);
  });
  socket.on("error", () => {});
  return {
    /**
     * Resolves when everything printed until now has been read: the event loop reads all of it in its next turn. Does not wait for processes that
     * still write.
     */
    drained: async () => {
      await setImmediate();
      await setImmediate();
    },
    text: () => Buffer.concat(chunks).toString("utf8") + (dropped > 0 ? `\n[${dropped} more bytes]` : ""),
    abandon: () => socket.destroy(),
  };
}
