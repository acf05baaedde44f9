import { cpus } from "node:os";

/**
 * Milliseconds of a clock that goes only while processors have nothing to do, from any beginning: on a quiet machine nearly as fast as others, on a
 * busy one it stands. So a test can say that something did not just wait, and no other program makes it fail.
 */
export function idleMs(): number {
  const all = cpus();
  return all.reduce((sum, { times }) => sum + times.idle, 0) / all.length;
}
