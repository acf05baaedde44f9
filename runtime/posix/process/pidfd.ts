import { POLLFD_EVENTS, POLLFD_RETURNED, POLLIN, SIZEOF_POLLFD } from "../ffi/layout.ts";
import { close, errno, pidfd_open, pidfd_send_signal, poll } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/**
 * Holds on to a process: while the descriptor is open, signals through it reach this process or nobody, even when its pid has been given to another
 * (S10). Always open it *before* you check whose process it is. Linux >= 5.3.
 */
export class Pidfd {
  readonly pid: number;
  readonly fd: number;
  #open = true;

  private constructor(pid: number, fd: number) {
    this.pid = pid;
    this.fd = fd;
  }

  /** Undefined when there is no such process. */
  static open(pid: number): Pidfd | undefined {
    const fd = pidfd_open(pid, 0);
    if (fd >= 0) return new Pidfd(pid, fd);
    const code = errno();
    if (code === ESRCH || code === EINVAL) return undefined;
    throw systemError("pidfd_open", code, { pid });
  }

  /** Takes over a descriptor that another thread has opened. */
  static from(pid: number, fd: number): Pidfd {
    return new Pidfd(pid, fd);
  }

  /** Whether all its threads have ended. The kernel answers; the state letter in /proc tells only of the first thread. */
  get hasEnded(): boolean {
    if (!this.#open) return true;
    const asked = Buffer.alloc(SIZEOF_POLLFD);
    asked.writeInt32LE(this.fd, 0);
    asked.writeInt16LE(POLLIN, POLLFD_EVENTS);
    if (poll(asked, 1, 0) < 0) throw systemError("poll", errno(), { pid: this.pid });
    return asked.readInt16LE(POLLFD_RETURNED) !== 0;
  }

  /** False when the process has ended. */
  signal(number: number): boolean {
    if (!this.#open) return false;
    if (pidfd_send_signal(this.fd, number) === 0) return true;
    const code = errno();
    if (code === ESRCH) return false;
    throw systemError("pidfd_send_signal", code, { pid: this.pid, signal: number });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    close(this.fd);
  }
}

const ESRCH = 3;
const EINVAL = 22;
