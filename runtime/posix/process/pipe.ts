import { O_CLOEXEC } from "../ffi/layout.ts";
import { errno, pipe2 } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/** The descriptors of a new pipe, both closed by execve. */
export function openPipe(): { read: number; write: number } {
  const fds = [0, 0];
  if (pipe2(fds, O_CLOEXEC) !== 0) throw systemError("pipe2", errno());
  return { read: fds[0]!, write: fds[1]! };
}
