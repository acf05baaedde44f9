import { type Facts, type Line, lastEnd } from "./cause.ts";

const outputSays = (words: RegExp) => (facts: Facts) => facts.output.some((line) => words.test(line));

/** `SIGSEGV`, `exit code 3`, `exit code 0xC0000005 (AccessViolation): …` */
export function howItEnded({ instance }: Facts): string {
  const { exitCode, exitCodeHex, signal, reason, message } = lastEnd(instance) ?? {};
  const how =
    signal !== undefined
      ? `ended by signal ${signal}`
      : exitCode === undefined
        ? "ended with an unknown exit code"
        : `exited with code ${exitCodeHex ? `${exitCodeHex} (${reason})` : exitCode}`;
  return message ? `${how}: ${message}` : how;
}

const byProbe = ({ instance }: Facts): string => lastEnd(instance)?.message ?? "";

/** "*" stands for every reason. */
export const ANY = "*";

/**
 * Why a run ended, by the reason of `state.terminated` and by what the program said last. That is its own claim and is told as such. The first line
 * that applies is the cause.
 */
export const ENDED: readonly Line<Facts>[] = [
  {
    reason: "OOMKilled",
    message: () => "its processes reached their memory limit together, and the system ended it",
    advice: "raise spec.resources.limits.memory, or find what uses the memory: wctl top instance",
  },
  {
    reason: "LivenessFailed",
    message: byProbe,
    advice:
      "see why the program no longer answers; if it is only slow, raise timeoutSeconds or failureThreshold of spec.livenessProbe",
  },
  {
    reason: "StartupFailed",
    message: byProbe,
    advice: "see why the program does not come up; if it is only slow, raise failureThreshold of spec.startupProbe",
  },
  {
    reason: ANY,
    also: outputSays(/EADDRINUSE|address already in use|WSAEADDRINUSE|only one usage of each socket address/i),
    message: (facts) => `${howItEnded(facts)}; its output says that its port is taken`,
    advice: "find who listens there (ss -ltnp, netstat -abno), or give each copy a port of its own",
  },
  {
    reason: ANY,
    also: outputSays(/ENOSPC|no space left on device|not enough space on the disk/i),
    message: (facts) => `${howItEnded(facts)}; its output says that the disk is full`,
    advice: "make room on the disk that it writes to",
  },
  {
    reason: ANY,
    also: ({ instance }) => /disk of its home was full/.test(lastEnd(instance)?.message ?? ""),
    advice:
      "make room on the disk of the data directory; what a program cannot write there is lost, its own last words too",
  },
  {
    reason: "CommandNotFound",
    advice:
      "exit code 127 is what a shell or env answers when it does not find a program: look at the names in the script of spec.args, and at PATH",
  },
  {
    reason: "CommandNotExecutable",
    advice:
      "exit code 126 is what a shell answers when it may not run a file: make it executable, and look at its first line",
  },
  {
    reason: "DllNotFound",
    advice: "put the library into the folder of the program, or install what it needs for all users",
  },
  {
    reason: "AccessViolation",
    advice: "the program is at fault: give its makers a crash dump; a library of another version is a common reason",
  },
  {
    reason: "SIGKILL",
    advice: "somebody killed it, or the system did for want of memory: journalctl -k tells of the latter",
  },
  { reason: "SIGSEGV", advice: "the program is at fault: a core dump tells where (coredumpctl)" },
  {
    reason: "Unknown",
    advice: "it ended while no daemon ran, so nobody knows how: what it wrote may tell (wctl logs -p)",
  },
  {
    reason: "Completed",
    message: () => "it exited with code 0, and restartPolicy Always starts it again",
    advice:
      "if it is to end, set spec.restartPolicy to OnFailure; if not, see that it stays in the foreground and does not turn itself into a daemon",
  },
  { reason: ANY, advice: "its output tells more: wctl logs, and once it runs again wctl logs -p" },
];
