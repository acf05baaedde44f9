import koffi from "koffi";

/**
 * glibc's own functions and nothing else: see the man page of each name. They answer as in C (-1 and `errno()`, or the error number). Structures are
 * plain Buffers; `layout.ts` has their layout.
 */
const libc = koffi.load("libc.so.6");

export const errno = (): number => koffi.errno();

export const posix_spawn = libc.func(
  "int posix_spawn(_Out_ int *pid, const char *path, void *file_actions, void *attrp, const char **argv, const char **envp)",
) as (
  pid: number[],
  path: string,
  actions: Buffer,
  attributes: Buffer,
  argv: (string | null)[],
  envp: (string | null)[],
) => number;
export const posix_spawn_file_actions_init = libc.func("int posix_spawn_file_actions_init(void *actions)");
export const posix_spawn_file_actions_destroy = libc.func("int posix_spawn_file_actions_destroy(void *actions)");
export const posix_spawn_file_actions_adddup2 = libc.func(
  "int posix_spawn_file_actions_adddup2(void *actions, int fd, int newfd)",
);
export const posix_spawn_file_actions_addopen = libc.func(
  "int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int oflag, unsigned int mode)",
);
/** glibc >= 2.29. */
export const posix_spawn_file_actions_addchdir_np = libc.func(
  "int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)",
);
/** glibc >= 2.34. */
export const posix_spawn_file_actions_addclosefrom_np = libc.func(
  "int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)",
);
export const posix_spawnattr_init = libc.func("int posix_spawnattr_init(void *attr)");
export const posix_spawnattr_setflags = libc.func("int posix_spawnattr_setflags(void *attr, int16_t flags)");
export const posix_spawnattr_setsigmask = libc.func("int posix_spawnattr_setsigmask(void *attr, void *sigmask)");
export const posix_spawnattr_setsigdefault = libc.func(
  "int posix_spawnattr_setsigdefault(void *attr, void *sigdefault)",
);
/** glibc >= 2.39; absent: undefined. */
export const posix_spawnattr_setcgroup_np = optional(
  "int posix_spawnattr_setcgroup_np(void *attr, int cgroup)",
) as unknown as ((attributes: Buffer, cgroup: number) => number) | undefined;

export const sigemptyset = libc.func("int sigemptyset(void *set)");

export const read = libc.func("intptr_t read(int fd, void *buf, size_t count)");
export const write = libc.func("intptr_t write(int fd, const void *buf, size_t count)");
export const pipe2 = libc.func("int pipe2(_Out_ int *pipefd, int flags)") as (fds: number[], flags: number) => number;
/** Closes what was opened here too: Node keeps a list of what a thread has opened through `fs`, and wants to close only that. */
export const close = libc.func("int close(int fd)");
export const fcntl = libc.func("int fcntl(int fd, int cmd, int64_t arg)");
export const memfd_create = libc.func("int memfd_create(const char *name, unsigned int flags)");
export const fallocate = libc.func("int fallocate(int fd, int mode, int64_t offset, int64_t len)");

export const socket = libc.func("int socket(int domain, int type, int protocol)");
export const sendto = libc.func(
  "intptr_t sendto(int fd, const void *buf, size_t length, int flags, const void *address, uint32_t addressLength)",
);
export const getsockopt = libc.func(
  "int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)",
) as (fd: number, level: number, name: number, value: Buffer, length: number[]) => number;

export const fanotify_init = libc.func("int fanotify_init(unsigned int flags, unsigned int event_f_flags)");
export const fanotify_mark = libc.func(
  "int fanotify_mark(int fanotify_fd, unsigned int flags, uint64_t mask, int dirfd, const char *pathname)",
);

export const eventfd = libc.func("int eventfd(unsigned int initval, int flags)");
export const epoll_create1 = libc.func("int epoll_create1(int flags)");
export const epoll_ctl = libc.func("int epoll_ctl(int epfd, int op, int fd, void *event)");
export const epoll_wait = libc.func("int epoll_wait(int epfd, void *events, int maxevents, int timeout)");

export const poll = libc.func("int poll(void *fds, unsigned long count, int milliseconds)");

export const waitid = libc.func("int waitid(int idtype, int id, void *infop, int options)");
export const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *argp)");

const syscall = libc.func("int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d)");
/** The same numbers on every architecture; glibc has wrappers only since 2.36. */
export const pidfd_open = (pid: number, flags: number): number => Number(syscall(434, pid, flags, 0, 0));
export const pidfd_send_signal = (pidfd: number, sig: number): number => Number(syscall(424, pidfd, sig, 0, 0));

/** No C library has a wrapper; 219 where the table is asm-generic's. */
export const keyctl = (operation: number, argument: number): number =>
  Number(syscall(process.arch === "x64" ? 250 : 219, operation, argument, 0, 0));

export const setpriority = libc.func("int setpriority(int which, unsigned int who, int prio)");
export const sched_getaffinity = libc.func("int sched_getaffinity(int pid, size_t cpusetsize, void *mask)");
export const sched_setaffinity = libc.func("int sched_setaffinity(int pid, size_t cpusetsize, const void *mask)");

koffi.struct("passwd", {
  pw_name: "const char *",
  pw_passwd: "const char *",
  pw_uid: "uint32_t",
  pw_gid: "uint32_t",
  pw_gecos: "const char *",
  pw_dir: "const char *",
  pw_shell: "const char *",
});
export interface Passwd {
  pw_name: string;
  pw_uid: number;
  pw_gid: number;
  pw_dir: string;
  pw_shell: string;
}
/** The strings of `pwd` point into `buf`; koffi copies them while it converts. */
export const getpwnam_r = libc.func(
  "int getpwnam_r(const char *name, _Out_ passwd *pwd, void *buf, size_t buflen, _Out_ void **result)",
) as (name: string, pwd: Partial<Passwd>, buf: Buffer, length: number, result: (bigint | null)[]) => number;
export const getpwuid_r = libc.func(
  "int getpwuid_r(uint32_t uid, _Out_ passwd *pwd, void *buf, size_t buflen, _Out_ void **result)",
) as (uid: number, pwd: Partial<Passwd>, buf: Buffer, length: number, result: (bigint | null)[]) => number;
/** We only ask whether there is an entry: `struct group` has 32 bytes. */
const getgrgid = libc.func("int getgrgid_r(uint32_t gid, void *grp, void *buf, size_t buflen, _Out_ void **result)");
export const getgrgid_r = (
  gid: number,
  _group: object,
  buf: Buffer,
  length: number,
  result: (bigint | null)[],
): number => getgrgid(gid, Buffer.alloc(32), buf, length, result);
export const getgrouplist = libc.func(
  "int getgrouplist(const char *user, uint32_t group, void *groups, _Inout_ int *ngroups)",
) as (user: string, group: number, groups: Buffer, count: number[]) => number;

function optional(definition: string): ReturnType<typeof libc.func> | undefined {
  try {
    return libc.func(definition);
  } catch {
    return undefined;
  }
}
