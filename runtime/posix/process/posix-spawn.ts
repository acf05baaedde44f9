import {
  O_RDWR,
  POSIX_SPAWN_SETCGROUP,
  POSIX_SPAWN_SETSID,
  POSIX_SPAWN_SETSIGDEF,
  POSIX_SPAWN_SETSIGMASK,
  SIZEOF_FILE_ACTIONS,
  SIZEOF_SIGSET,
  SIZEOF_SPAWN_ATTRIBUTES,
} from "../ffi/layout.ts";
import {
  posix_spawn,
  posix_spawn_file_actions_addchdir_np,
  posix_spawn_file_actions_addclosefrom_np,
  posix_spawn_file_actions_adddup2,
  posix_spawn_file_actions_addopen,
  posix_spawn_file_actions_destroy,
  posix_spawn_file_actions_init,
  posix_spawnattr_init,
  posix_spawnattr_setcgroup_np,
  posix_spawnattr_setflags,
  posix_spawnattr_setsigdefault,
  posix_spawnattr_setsigmask,
  sigemptyset,
} from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/** True when the C library can start a process inside a cgroup v2. */
export const canSpawnIntoCgroup = posix_spawnattr_setcgroup_np !== undefined;

/**
 * posix_spawn: starts a program in a session of its own, with default signal dispositions, nothing blocked, `stdin` as 0, the given descriptors as
 * 1, 2 and so on, and no other. Returns its pid; throws a system error (`code`) when the program could not be run. Unlike `child_process.spawn` it
 * does not copy the page tables of the daemon, so its cost does not grow with the daemon's memory.
 * @param stdin a descriptor, or the path of a file to open: a terminal becomes the one of the session, since its leader opens it
 * @param descriptors each is 0 or above all the numbers that they are given
 */
export function posixSpawn(
  program: { image: string; argv: readonly string[]; env: readonly string[]; workingDir: string; cgroup?: number },
  stdin: number | string,
  descriptors: readonly number[],
): number {
  const actions = Buffer.alloc(SIZEOF_FILE_ACTIONS);
  must("posix_spawn_file_actions_init", posix_spawn_file_actions_init(actions));
  try {
    if (typeof stdin === "number") must("adddup2", posix_spawn_file_actions_adddup2(actions, stdin, 0));
    else must("addopen", posix_spawn_file_actions_addopen(actions, 0, stdin, O_RDWR, 0));
    descriptors.forEach((fd, index) => {
      must("adddup2", posix_spawn_file_actions_adddup2(actions, fd, index + 1));
    });
    must("addclosefrom", posix_spawn_file_actions_addclosefrom_np(actions, descriptors.length + 1));
    must("addchdir", posix_spawn_file_actions_addchdir_np(actions, program.workingDir));
    const pid = [0];
    const argv = [...program.argv, null];
    const env = [...program.env, null];
    must("posix_spawn", posix_spawn(pid, program.image, actions, attributesFor(program.cgroup), argv, env));
    return pid[0]!;
  } finally {
    posix_spawn_file_actions_destroy(actions);
  }
}

let plain: Buffer | undefined;

function attributesFor(cgroup: number | undefined): Buffer {
  if (cgroup === undefined) {
    plain ??= makeAttributes(0);
    return plain;
  }
  const attributes = makeAttributes(POSIX_SPAWN_SETCGROUP);
  must("posix_spawnattr_setcgroup_np", posix_spawnattr_setcgroup_np!(attributes, cgroup));
  return attributes;
}

function makeAttributes(more: number): Buffer {
  const attributes = Buffer.alloc(SIZEOF_SPAWN_ATTRIBUTES);
  const none = Buffer.alloc(SIZEOF_SIGSET);
  const all = Buffer.alloc(SIZEOF_SIGSET, 0xff); // sigfillset leaves out 32 and 33, which would then stay ignored.
  sigemptyset(none);
  must("posix_spawnattr_init", posix_spawnattr_init(attributes));
  const flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | more;
  must("posix_spawnattr_setflags", posix_spawnattr_setflags(attributes, flags));
  must("posix_spawnattr_setsigmask", posix_spawnattr_setsigmask(attributes, none));
  must("posix_spawnattr_setsigdefault", posix_spawnattr_setsigdefault(attributes, all));
  return attributes;
}

function must(call: string, errno: number): void {
  if (errno !== 0) throw systemError(call, errno);
}
