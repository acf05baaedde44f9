/** What a test file tells the runner while it runs, over the channel that Node gives a child. A suite is not a test. */
export type TestMessage =
  | { type: "begun"; name: string }
  | { type: "ended"; name: string }
  | { type: "passed"; name: string; ms: number }
  | { type: "skipped"; name: string; reason: string }
  | { type: "failed"; name: string; ms: number; error: string }
  /** The answer to `giveUp`: what the event loop still holds, each with its number. */
  | { type: "holds"; resources: string }
  /** The runner knows the result of every test of the file, and another begins in the same process. Milliseconds as below. */
  | { type: "next"; processorMs: number }
  /** The runner knows the result of every test of the (last) file. Milliseconds of the processor that it had until now, with what it started and waited for. */
  | { type: "done"; processorMs: number };

/** The name of a test that the runner puts behind those of a file where others follow in the same process (share-process.ts): it is not counted. */
export const END_OF_FILE = "the end of a test file";

/** What the runner tells a test file in which nothing moves: waits end with what they waited for (test/eventually.ts). */
export const giveUp = "give up";
