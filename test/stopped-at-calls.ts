import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { eventually } from "./eventually.ts";

/**
 * Runs a program under strace and stops it after each of these system calls, whichever of its threads makes it: what then lies in its files is what they
 * would hold if it were killed there. Yields at each stop and lets the program go on afterwards; returns what it printed.
 * @param calls names of system calls, with commas between
 * @param files absolute paths: only calls on these; on any when there are none
 */
export async function* stoppedAtCalls(
  calls: string,
  command: readonly string[],
  files: readonly string[] = [],
): AsyncGenerator<void, string> {
  const inject = [
    ...files.flatMap((file) => ["-P", file]),
    "-e",
    `trace=${calls}`,
    "-e",
    `inject=${calls}:signal=SIGSTOP`,
  ];
  const strace = spawn("strace", ["-f", "-qq", ...inject, ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  strace.stdout.on("data", (text) => {
    printed += text;
  });
  const ended = once(strace, "close");
  let pid: number | undefined;
  for await (const line of createInterface({ input: strace.stderr })) {
    if (!line.includes("--- SIGSTOP {")) continue;
    pid ??= Number(readFileSync(`/proc/${strace.pid}/task/${strace.pid}/children`, "utf8"));
    await eventually(() => isStopped(pid!), "every thread has stopped");
    yield;
    process.kill(pid, "SIGCONT");
  }
  await ended;
  return printed;
}

/** Each of its threads: `T`, and `t` under a tracer (proc_pid_stat(5)). */
const isStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every((thread) =>
    /^\d+ \(.*\) [tT] /s.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")),
  );
