import { F_DUPFD_CLOEXEC } from "../ffi/layout.ts";
import { close, errno, fcntl } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/** We move our descriptors above the numbers that the child gives to others. */
const FIRST_FREE_FD = 16;

/** The same with such a number; the old one is closed then. */
export function aside(fd: number): number {
  if (fd >= FIRST_FREE_FD) return fd;
  try {
    return duplicate(fd);
  } finally {
    close(fd);
  }
}

function duplicate(fd: number): number {
  const copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
  if (copy < 0) throw systemError("fcntl", errno());
  return copy;
}
