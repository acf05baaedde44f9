/** Numbers of Linux' system calls, per architecture: asm/unistd_64.h and asm-generic/unistd.h. */
export type CallNumbers = Readonly<Record<keyof typeof x64, number>>;

const x64 = {
  read: 0,
  write: 1,
  close: 3,
  execve: 59,
  fcntl: 72,
  chdir: 80,
  umask: 95,
  setgroups: 116,
  setresuid: 117,
  setresgid: 119,
  capset: 126,
  setpriority: 141,
  prctl: 157,
  keyctl: 250,
  openat: 257,
  prlimit64: 302,
};

const arm64: CallNumbers = {
  read: 63,
  write: 64,
  close: 57,
  execve: 221,
  fcntl: 25,
  chdir: 49,
  umask: 166,
  setgroups: 159,
  setresuid: 147,
  setresgid: 149,
  capset: 91,
  setpriority: 140,
  prctl: 167,
  keyctl: 219,
  openat: 56,
  prlimit64: 261,
};

/** By Node's name of the architecture. */
export const callNumbers: Readonly<Record<string, CallNumbers>> = { x64, arm64 };
