import { statSync } from "node:fs";
import {
  CLD_EXITED,
  P_PIDFD,
  PIDFD_GET_INFO,
  PIDFD_INFO_EXIT,
  PIDFD_INFO_EXIT_CODE,
  SIGINFO_CODE,
  SIGINFO_PID,
  SIGINFO_STATUS,
  SIZEOF_PIDFD_INFO,
  SIZEOF_SIGINFO,
  WEXITED,
  WNOHANG,
} from "../ffi/layout.ts";
import { ioctl, waitid } from "../ffi/libc.ts";
import { isAlive, readStat, signalName } from "./proc.ts";

export type End = { code: number } | { signal: string } | { unknown: true };

/**
 * How a process ended. A child is reaped. The status of another's child (adopted after a restart of the daemon) is read from the zombie while there
 * is one, or from the kernel's memory of the pidfd (PIDFD_INFO_EXIT, Linux >= 6.15); else it is unknown.
 */
export function endOf(pidfd: number, pid: number): End {
  return reaped(pidfd) ?? remembered(pidfd) ?? zombie(pid) ?? rememberedSoon(pidfd) ?? { unknown: true };
}

function reaped(pidfd: number): End | undefined {
  const info = Buffer.alloc(SIZEOF_SIGINFO);
  if (waitid(P_PIDFD, pidfd, info, WEXITED | WNOHANG) !== 0 || info.readInt32LE(SIGINFO_PID) === 0) return undefined;
  const status = info.readInt32LE(SIGINFO_STATUS);
  return info.readInt32LE(SIGINFO_CODE) === CLD_EXITED ? { code: status } : { signal: signalName(status) };
}

function remembered(pidfd: number): End | undefined {
  const info = Buffer.alloc(SIZEOF_PIDFD_INFO);
  info.writeBigUInt64LE(PIDFD_INFO_EXIT, 0);
  if (ioctl(pidfd, PIDFD_GET_INFO, info) !== 0) return undefined;
  return info.readBigUInt64LE(0) & PIDFD_INFO_EXIT
    ? decodeWaitStatus(info.readInt32LE(PIDFD_INFO_EXIT_CODE))
    : undefined;
}

/** Its pid can't be another's while it is a zombie. Where we may not look into a process the kernel shows 0, which says nothing. */
function zombie(pid: number): End | undefined {
  const stat = readStat(pid);
  if (stat?.state !== "Z" || isAlive(stat)) return undefined;
  return stat.exitCode !== 0 || mayLookInto(pid) ? decodeWaitStatus(stat.exitCode) : undefined;
}

function mayLookInto(pid: number): boolean {
  const own = process.geteuid!();
  try {
    return own === 0 || statSync(`/proc/${pid}`).uid === own;
  } catch {
    return false;
  }
}

/** The parent reaps it about now, and from that moment on the kernel remembers its end. Waits at most 20 ms. */
function rememberedSoon(pidfd: number): End | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 20; tries++) {
    Atomics.wait(pause, 0, 0, 1);
    const end = remembered(pidfd);
    if (end) return end;
  }
  return undefined;
}

/** The 16-bit status of wait(2). */
export function decodeWaitStatus(status: number): End {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal: signalName(signal) };
}
