import type { SystemCall } from "./call-list.ts";
import { GATE_FD, LIST_FD, REPORT_FD } from "./machine-code.ts";
import type { FileWrite, Placement } from "./placement.ts";
import type { CallNumbers } from "./system-calls.ts";

/** The state of a program before its first instruction. */
export interface ExecRequest {
  /** Absolute path. */
  image: string;
  /** argv[0] included. */
  argv: readonly string[];
  /** `NAME=value`. */
  env: readonly string[];
  /** Entered with the rights that it has then. Absent: it begins where the launcher does. */
  workingDir?: string;
  attributes: ProcessAttributes;
  /** Absent: the daemon's own. */
  credentials?: Credentials;
  placement?: Pick<Placement, "joins" | "gate">;
}

/** The state every workload begins with, whatever the daemon has. */
export interface ProcessAttributes {
  /** The soft and the hard limit of open files; absent: as the daemon has them. */
  openFiles?: { soft: number; hard: number };
  /** Absent: as the daemon has it. */
  nice?: number;
  /** Thousandths of the memory, -1000 to 1000: decides which process the system ends first when no memory is left. Absent: as the daemon has it. */
  oomScore?: number;
  /** The kernel keeps keyrings, and we may have one. */
  keyrings: boolean;
  /** The highest capability that the kernel knows. */
  lastCapability: number;
}

export interface Credentials {
  uid: number;
  gid: number;
  groups: readonly number[];
}

/** What a failure to join a group says: its error numbers mean other things than those of the program and its folder. */
export const JOIN_GROUP = "joining its cgroup";

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const AT_FDCWD = -100;
const O_WRONLY = 1;
const RLIMIT_NOFILE = 7;
const PRIO_PROCESS = 0;
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;
const UMASK = 0o022;

/**
 * The way from the launcher to the workload: first what needs root, its groups and limits among it, then the rights are dropped. Only then does the environment of the workload exist
 * at all, as execve is given it (docs/decisions/0016). Signals are as posix_spawn has left them.
 */
export function launchCalls(execRequest: ExecRequest, numbers: CallNumbers): SystemCall[] {
  const { attributes, credentials, workingDir, image, argv, env, placement } = execRequest;
  const { call, tryCall } = callsOf(numbers);
  return [
    call("fcntl", REPORT_FD, F_SETFD, FD_CLOEXEC), // when it is closed, the call has succeeded
    call("close", LIST_FD),
    ...(placement?.joins ?? []).flatMap((file) => joinGroup(file, call)),
    ...(placement?.gate ? passGate(placement.gate.writes, { call, tryCall }) : []),
    ...oomScore(attributes, tryCall),
    call("umask", UMASK),
    ...openFiles(attributes, tryCall),
    ...(attributes.nice === undefined ? [] : [tryCall("setpriority", PRIO_PROCESS, 0, attributes.nice)]),
    ...(credentials ? drop(credentials, attributes, call) : []),
    ...(workingDir === undefined ? [] : [call("chdir", workingDir)]),
    call("execve", image, argv, env),
  ];
}

const joinGroup = (file: string, call: Call): SystemCall[] =>
  writeFile({ file, value: "0" }, call).map((one) => ({ ...one, name: JOIN_GROUP }));

/** Nothing is ever written into the gate: it has no room for a byte, and reads an end. A limit that is refused is what the daemon tells of. */
function passGate(writes: readonly FileWrite[], { call, tryCall }: { call: Call; tryCall: Call }): SystemCall[] {
  return [call("read", GATE_FD, 0, 1), call("close", GATE_FD), ...writes.flatMap((write) => writeFile(write, tryCall))];
}

function oomScore({ oomScore: score }: ProcessAttributes, tryCall: Call): SystemCall[] {
  return score === undefined ? [] : writeFile({ file: "/proc/self/oom_score_adj", value: String(score) }, tryCall);
}

/** The file takes the number that the list has given back. */
function writeFile({ file, value }: FileWrite, call: Call): SystemCall[] {
  const text = Buffer.from(value);
  return [
    call("openat", AT_FDCWD, file, O_WRONLY, 0),
    call("write", LIST_FD, text, text.length),
    call("close", LIST_FD),
  ];
}

/** It may fail: somebody may have lowered the daemon's hard limit since. */
function openFiles({ openFiles: limit }: ProcessAttributes, tryCall: Call): SystemCall[] {
  if (!limit) return [];
  const both = Buffer.from(new BigUint64Array([BigInt(limit.soft), BigInt(limit.hard)]).buffer);
  return [tryCall("prlimit64", 0, RLIMIT_NOFILE, both, 0)];
}

/**
 * Leaves nothing of root: its session keyring, its groups, its capabilities in every set, and the way back by a program that would give them. The
 * bounding set goes while there is still the capability to lower it.
 */
function drop({ uid, gid, groups }: Credentials, attributes: ProcessAttributes, call: Call): SystemCall[] {
  const capabilities = Array.from({ length: attributes.lastCapability + 1 }, (_, capability) => capability);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(LINUX_CAPABILITY_VERSION_3);
  return [
    ...(attributes.keyrings ? [call("keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0)] : []),
    ...capabilities.map((capability) => call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)),
    call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
    call("setgroups", groups.length, Buffer.from(new Uint32Array(groups).buffer)),
    call("setresgid", gid, gid, gid),
    call("setresuid", uid, uid, uid),
    call("capset", header, Buffer.alloc(24)),
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
  ];
}

type Call = (name: keyof CallNumbers, ...args: SystemCall["args"]) => SystemCall;

function callsOf(numbers: CallNumbers): { call: Call; tryCall: Call } {
  const call: Call = (name, ...args) => ({ name, number: numbers[name], args });
  return { call, tryCall: (name, ...args) => ({ ...call(name, ...args), mayFail: true }) };
}
