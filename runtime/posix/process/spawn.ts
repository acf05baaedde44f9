import { type Credentials, launchCalls, type ProcessAttributes } from "../launcher/launch-calls.ts";
import { type ExecOutcome, type Launcher, launch, openLauncher } from "../launcher/launcher.ts";
import type { Placement } from "../launcher/placement.ts";
import { posixSpawn } from "./posix-spawn.ts";

export { canSpawnIntoCgroup } from "./posix-spawn.ts";

/** True when `Placement.joins` and its gate do anything on this machine. */
export const hasLauncher = (): boolean => !(openLauncher() instanceof Error);

export interface SpawnRequest {
  /** Absolute path of the image. */
  image: string;
  /** argv[0] included. */
  argv: readonly string[];
  /** `NAME=value`. */
  env: readonly string[];
  workingDir: string;
  /**
   * It is the folder of the copy, which may lie where its account gets to by no path: so the daemon enters it. Any other folder is entered with the rights of the
   * account: root's would lead through folders that are closed to it.
   */
  isOwnFolder: boolean;
  /** A descriptor, or the path of a terminal. Absent: /dev/null. */
  stdin?: number | string;
  /** Descriptors; 0 is what its standard input is. */
  stdout: number;
  stderr: number;
  attributes: ProcessAttributes;
  /** Absent: the daemon's own. Without a launcher such a start is refused before (`resolveAccount`). */
  credentials?: Credentials;
  placement?: Placement;
}

const NOTHING = "/dev/null";

export interface Spawned {
  pid: number;
  execOutcome?: ExecOutcome;
}

/**
 * Starts a process in a session of its own, with default signal dispositions, nothing blocked, and exactly the descriptors 0, 1 and 2. It
 * is the launcher first, which becomes the program in place: pid, session and group stay. `execOutcome` tells whether it has become the program; where
 * that is absent, it has. Throws a system error (`code`) when it could not be run.
 */
export function spawn(request: SpawnRequest): Spawned {
  const launcher = openLauncher();
  if (!(launcher instanceof Error)) return spawnLauncher(launcher, request);
  if (request.credentials) throw launcher;
  const program = { ...request, ...cgroupOf(request) };
  return { pid: posixSpawn(program, request.stdin ?? NOTHING, [request.stdout, request.stderr]) };
}

/**
 * The launcher gets only our own names of the workload's environment, so that the process is known even if the daemon dies just now. The launcher
 * reads none of it, and has no library that would.
 */
function spawnLauncher({ path, numbers }: Launcher, request: SpawnRequest): Spawned {
  const {
    image,
    argv,
    env,
    workingDir,
    isOwnFolder,
    attributes,
    credentials,
    stdin = NOTHING,
    stdout,
    stderr,
    placement,
  } = request;
  const place = credentials && !isOwnFolder ? { workingDir } : {};
  const execRequest = {
    image,
    argv,
    env,
    attributes,
    ...place,
    ...(credentials && { credentials }),
    ...(placement && { placement }),
  };
  return launch(launchCalls(execRequest, numbers), ({ list, report }) => {
    const descriptors = [stdout, stderr, list, report, ...(placement?.gate ? [placement.gate.fd] : [])]; // from 1 on
    const program = { image: path, argv: ["wctl-launch"], env: env.filter(isOurs), ...cgroupOf(request) };
    return posixSpawn({ ...program, workingDir: place.workingDir ? "/" : workingDir }, stdin, descriptors);
  });
}

const cgroupOf = ({ placement: { cgroup } = {} }: SpawnRequest): { cgroup?: number } =>
  cgroup === undefined ? {} : { cgroup };

const isOurs = (entry: string): boolean => entry.startsWith("WCTL_");
