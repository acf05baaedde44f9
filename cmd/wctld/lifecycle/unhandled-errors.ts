import process from "node:process";
import { type Clock, settledWithin } from "../../../lib/clock.ts";

/** The most that writing the log may take. A disk that is stuck must not keep a broken daemon alive. */
const FLUSH_MS = 2_000;

interface Parts {
  clock: Clock;
  /** Puts the line into the log, and wherever else somebody may look. */
  say: (message: string, fields: { error: string }) => void;
  flush: () => Promise<void>;
}

/**
 * Ends the daemon on an unhandled error, wherever it arose: an exception in a callback, a rejected promise, a thread that was lost
 * (decision 0020). The daemon does not go on with a state that nobody knows. It says what happened, with the stack, and ends with exit code 1; systemd
 * or the service manager starts it again, and it adopts its workloads, which did not notice. Returns a function that stops listening.
 */
export function listenForUnhandled(parts: Parts): () => void {
  const onError = (error: unknown): void => {
    parts.say("an error that nobody handled ends the daemon", { error: stackOf(error) });
    endProcess(parts);
  };
  process.on("uncaughtException", onError);
  return () => process.off("uncaughtException", onError);
}

/** With exit code 1, as soon as the log is written; nothing is closed, as after a power cut. */
export function endProcess({ clock, flush }: Pick<Parts, "clock" | "flush">): void {
  void settledWithin(clock, FLUSH_MS, flush()).then(() => process.exit(1));
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
