/** Sizes, offsets and constants of Linux' and glibc's headers, for the Buffers that `libc.ts` is given. */

/** Generous: glibc needs 80 and 336 bytes on x86-64. */
export const SIZEOF_FILE_ACTIONS = 128;
export const SIZEOF_SPAWN_ATTRIBUTES = 512;
export const SIZEOF_SIGSET = 128;
export const SIZEOF_CPU_SET = 128;

export const POSIX_SPAWN_SETSIGDEF = 0x04;
export const POSIX_SPAWN_SETSIGMASK = 0x08;
export const POSIX_SPAWN_SETSID = 0x80;
export const POSIX_SPAWN_SETCGROUP = 0x100;

export const O_RDWR = 2;
export const O_CLOEXEC = 0o2000000;
export const O_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 0x001;
export const EPOLLPRI = 0x002;
export const EPOLLET = 1 << 31;
/** `struct epoll_event` is packed on x86-64 only. */
export const SIZEOF_EPOLL_EVENT = process.arch === "x64" ? 12 : 16;
export const EPOLL_EVENT_DATA = process.arch === "x64" ? 4 : 8;

export const SIZEOF_POLLFD = 8;
export const POLLFD_EVENTS = 4;
export const POLLFD_RETURNED = 6;
export const POLLIN = 0x001;

export const P_PID = 1;
export const P_PIDFD = 3;
export const WNOHANG = 0x00000001;
export const WEXITED = 0x00000004;
export const SIZEOF_SIGINFO = 128;
export const SIGINFO_CODE = 8;
export const SIGINFO_PID = 16;
export const SIGINFO_STATUS = 24;
export const CLD_EXITED = 1;

/** `struct pidfd_info` as first published (64 bytes); linux/pidfd.h. */
export const PIDFD_GET_INFO = 0xc040ff0b;
export const SIZEOF_PIDFD_INFO = 64;
export const PIDFD_INFO_EXIT = 1n << 3n;
export const PIDFD_INFO_EXIT_CODE = 60;

export const FALLOC_FL_KEEP_SIZE = 0x01;
export const FALLOC_FL_PUNCH_HOLE = 0x02;

export const AF_UNIX = 1;
export const SOCK_DGRAM = 2;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const SOL_SOCKET = 1;
export const SO_PEERCRED = 17;
/** `struct ucred`: pid, uid, gid. */
export const SIZEOF_UCRED = 12;
export const UCRED_UID = 4;

export const PRIO_PGRP = 1;

/** asm-generic/ioctls.h: of the master of a pseudoterminal. */
export const TIOCGPTN = 0x80045430;
export const TIOCSPTLCK = 0x40045431;
export const TIOCSWINSZ = 0x5414;

export const F_DUPFD_CLOEXEC = 1030;
export const MFD_CLOEXEC = 1;
export const KEYCTL_JOIN_SESSION_KEYRING = 1;

/** linux/fanotify.h; the first 24 bytes of an event are the same in every version. */
export const FAN_CLOEXEC = 0x001;
export const FAN_NONBLOCK = 0x002;
export const FAN_CLASS_CONTENT = 0x004;
export const FAN_UNLIMITED_QUEUE = 0x010;
export const FAN_UNLIMITED_MARKS = 0x020;
export const FAN_REPORT_TID = 0x100;
export const FAN_MARK_ADD = 0x01;
export const FAN_OPEN_PERM = 0x0001_0000;
export const FAN_ALLOW = 1;
export const SIZEOF_FANOTIFY_EVENT = 24;
export const FANOTIFY_EVENT_FD = 16;
export const FANOTIFY_EVENT_PID = 20;
export const SIZEOF_FANOTIFY_RESPONSE = 8;
export const AT_FDCWD = -100;
