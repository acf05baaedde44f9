import type { ExecRequest, ExecSession } from "../api/exec/exec-session.ts";
import type { ProcessTemplate } from "../api/types.generated.ts";
import type { Copy, NamedCopy } from "./homes/copy.ts";
import type { Homes } from "./homes/homes.ts";
import type { PortOwner } from "./ports/port-owner.ts";

/**
 * Everything that touches the operating system for a process. Bodies: `posix/`, `memory/`, `win32/`; one contract suite (`test/runtime/contract.ts`)
 * runs on each. Promises:
 * - Identity is pid + creation time + group (job, cgroup or session), never a pid alone (P4). The Runtime signals nothing that it did not start from
 *   this data directory.
 * - `start` refuses while anything of that uid's tree lives (P2): the operating system is the record, not our memory.
 * - The death of the daemon changes no workload (P1). `recover` on the next start finds them all, and whatever ended meanwhile (P6).
 * - Exits are events: nobody polls.
 * - The workload itself holds its output files: a slow or dead daemon never blocks it (P18).
 */
export interface Runtime {
  readonly name: "win32" | "posix" | "memory";
  /** Finds what earlier daemons of this data directory started: alive, or ended with a record left. Call once, before `start`. */
  recover(): Promise<ProcessState[]>;
  get(uid: string): ProcessState | undefined;
  /** Everything `get` knows. */
  list(): ProcessState[];
  /**
   * Starts one run. Resolves when the program has begun (not when it is ready); rejects with `StartError`.
   * The run number must be above every earlier one of this uid.
   */
  start(spec: LaunchSpec): Promise<ProcessState>;
  /**
   * Asks the tree to end (one stage of a stop): all of it that the system can reach, once, also when the main process has ended. Resolves
   * with false when it could deliver the request to nobody; rejects when the system refused it.
   */
  requestStop(uid: string, how: StopSignal): Promise<boolean>;
  /** Sends a signal to the main process alone. Resolves with false when that has ended; rejects when the system refused it. */
  signal(uid: string, how: StopSignal): Promise<boolean>;
  /** Which of these differ from what the program of the copy knows: what it was started with, or what `noteTold` was called with last. */
  changedFiles(copy: Copy, files: readonly LaunchFile[]): LaunchFile[];
  /**
   * Writes the files of a running instance anew, as its start did. What differs counts as changed until `noteTold`, for the next daemon too. Rejects
   * with `StartError`, and what was written stays so. `given`: as in LaunchSpec, from now on.
   */
  writeFiles(uid: string, files: readonly LaunchFile[], given?: string): Promise<void>;
  /** Notes that the program has been told of these files, as `writeFiles` wrote them. */
  noteTold(copy: Copy, files: readonly LaunchFile[]): void;
  /** Ends the whole tree at once. Resolves when nothing of it is left, also when there is no such tree; rejects when something survives 5 s. */
  kill(uid: string): Promise<void>;
  /**
   * Sets who says what a run that `recover` found was started with. `exec` asks at each call for such a run: it makes the environment of a probe anew
   * from the answer, and never reads it from the process, which can show what it likes (P22). Before this is called, `exec` rejects there.
   */
  resolveWith(resolve: (uid: string) => Resolution): void;
  /** Runs a probe or a hook with the account, environment and working directory of the running instance; its tree is killed on timeout. */
  exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /**
   * As `exec`, for somebody who reads and writes while it runs: it begins and ends with its session, in its tree and limits with the workload. Rejects with
   * `StartError`, as the session's `ended` does when the command did not become its program.
   */
  openExec(uid: string, request: ExecRequest): Promise<ExecSession>;
  /**
   * Who answers at a TCP port of `host`, which is this machine: the tree of this instance alone, somebody else, or nobody. Never older than the
   * call. The system is asked, not the processes.
   */
  portOwner(uid: string, port: number, host: string): Promise<PortOwner>;
  /** What each live instance uses, from as few system calls as the system allows. */
  usage(): Promise<Map<string, Usage>>;
  /**
   * Removes every trace of an ended instance: group and records. What it worked on and what it wrote stays in the home of its copy; the home of an
   * Instance that no Process owns goes with it. `copy`: whose home takes what a version before 0.2 kept of the Instance. Rejects while its tree lives.
   */
  forget(uid: string, copy?: NamedCopy): Promise<void>;
  /** Events arrive in the order of happening for one uid. Returns the unsubscription. */
  subscribe(listener: (event: RuntimeEvent) => void): () => void;
  /** Where the output of the copy is that this instance is of, oldest run first: of earlier instances too, as long as it is kept. */
  runs(uid: string): Promise<RunFiles[]>;
  /** The same of the instances of this copy that are gone; also while none of it is there. */
  earlierRuns(copy: Copy): Promise<RunFiles[]>;
  /** The homes that no Instance uses. */
  readonly homes: Homes;
  /** Lets go of everything; workloads keep running. */
  close(): Promise<void>;
}

/** One run, resolved: no references, no defaults left open. */
export interface LaunchSpec {
  /** The Instance's uid: names the job or cgroup, the folder of its records and the marker in the environment. */
  uid: string;
  /** Its home has the working directory and the logs. All copies of an owner may share one account (`runAs.account: Dynamic`). */
  copy: NamedCopy;
  /** 1 for the first start of this Instance, +1 for each restart. */
  run: number;
  /** The name of the template that it is of, for those who read its logs later. */
  revision?: string;
  /** `namespace/name`, for messages. */
  label: string;
  /** The program, absolute or looked up in the documented search path; never a shell. */
  command: string;
  args: readonly string[];
  workingDir?: string;
  /** Declared variables, already resolved. They win over the base set. */
  env: Readonly<Record<string, string>>;
  /** Read at the start, with the rights of the account. Their variables win over the base set; declared ones win over them. */
  envFiles?: readonly EnvFile[];
  /** Written before the program begins. */
  files?: readonly LaunchFile[];
  /** System: the documented base set of the platform, never the daemon's own environment. */
  inheritEnvironment: "System" | "None";
  limits: Limits;
  /** The limits that are the daemon's defaults and not in the manifest. */
  defaultLimits?: readonly (keyof Limits)[];
  priorityClass?: PriorityClass;
  /** Processor numbers. */
  affinity?: readonly number[];
  /** Absent: the platform's default account with its default rights (docs/decisions/0004, 0011). */
  runAs?: RunAs;
  /** The daemon's configuration lets workloads run as LocalSystem. */
  allowPrivileged?: boolean;
  /** Windows needs it at the start: CtrlBreak wants a process group of its own, Event wants its name. */
  stopSignal: StopSignal;
  logs: LogPolicy;
  /** What the caller wants to know of this run later; the next daemon too. The runtime keeps it with its record, and does not read it. */
  given?: string;
  /** A one-shot: its intent is on the disk before it begins. A one-shot that is not known to have ended is not begun again (P6). */
  once?: boolean;
}

export interface EnvFile {
  /** Absolute. */
  path: string;
  optional?: boolean;
}

/** A file of a copy. */
export interface LaunchFile {
  /** Relative to the folder of the copy, or absolute and below `workingDir`. */
  path: string;
  content: Uint8Array;
  /** Permission bits, where the system has them. */
  mode: number;
  /** Nobody but its account may read it. */
  isSecret: boolean;
}

/** What the present run of an instance was started with, worked out again; or why nobody can say that now (a Secret that is gone). */
export type Resolution = LaunchSpec | { missing: string };

/** The account whose rights the workload has, and which of them. All fields but `account` and `password` are for Windows (docs/decisions/0011). */
export interface RunAs extends Restrictions {
  /** Absent, and no session: the platform's default account. */
  account?: string;
  password?: string;
  /** Whoever is logged on there. Never together with `account`. */
  session?: "Console" | number;
  mitigations?: readonly Mitigation[];
}

/** Takes rights of the account away. Without `keepPrivileges` and `removePrivileges` no privilege is left but SeChangeNotifyPrivilege. */
export interface Restrictions {
  keepPrivileges?: readonly string[];
  removePrivileges?: readonly string[];
  writeRestricted?: boolean;
  /** Names or SIDs. */
  denyOnlyGroups?: readonly string[];
  integrityLevel?: IntegrityLevel;
}

type DeclaredRunAs = NonNullable<ProcessTemplate["runAs"]>;
export type IntegrityLevel = NonNullable<DeclaredRunAs["integrityLevel"]>;
export type Mitigation = NonNullable<DeclaredRunAs["mitigations"]>[number];

/** They hold for the whole tree. */
export interface Limits {
  /** Processors: 0.5 is half of one. */
  cpu?: number;
  /** Bytes. */
  memory?: number;
  processes?: number;
}

export type PriorityClass = "Idle" | "BelowNormal" | "Normal" | "AboveNormal" | "High";

/** As in `spec.stop.signal`. POSIX bodies read CtrlC as SIGINT, CtrlBreak as SIGQUIT, WmClose and Event as SIGTERM; the names `SIG…` are literal. */
export type StopSignal = "CtrlC" | "CtrlBreak" | "WmClose" | "Event" | "None" | `SIG${string}`;

/** As in `spec.logs.encoding`. What a workload writes is kept as it is; its encoding matters to those who read. */
export type LogEncoding = NonNullable<NonNullable<ProcessTemplate["logs"]>["encoding"]>;

export interface LogPolicy {
  /** Bytes kept per run and stream; the oldest part of the file is released in place while the workload writes on. */
  maxSize: number;
  /** Runs of the copy whose files are kept, the current one included. */
  maxFiles: number;
  /** Bytes of all runs of the copy together. */
  maxTotalSize?: number;
  /** The output of a run goes so long after its end. */
  maxAgeSeconds?: number;
  stderr: "Merge" | "Separate";
  /** The encoding of what the workload writes, for those who read it. Absent: UTF-8. */
  encoding?: LogEncoding;
}

/** What the system shows of an instance. */
export interface ProcessState {
  uid: string;
  /** `namespace/name` of its Instance, as it was started; the uid where the record is damaged. */
  label: string;
  run: number;
  pid: number;
  /** Opaque and exact; with the pid it is the identity. */
  creationTime: string;
  /** RFC 3339 with milliseconds. */
  startedAt: string;
  phase: "running" | "exited";
  exit?: ExitStatus;
  /** Something of the tree still lives. True while running; may stay true after the main process has ended. */
  treeAlive: boolean;
  /** This run was found by `recover`, not started by this daemon. */
  adopted: boolean;
  /** As in LaunchSpec, or in the last `writeFiles`. */
  given?: string;
  /** The account whose rights it has, for people. Absent: its record does not tell. */
  account?: string;
  /** The limits it was started with, the daemon's defaults included. */
  limits: Limits;
  /** What was asked for and is not enforced on this machine, with the reason. */
  unenforced: readonly Unenforced[];
}

export interface Unenforced {
  /** As in the manifest: `resources.limits.memory`, `resources.affinity`. */
  field: string;
  reason: string;
}

export interface ExitStatus {
  /** Exactly one of `code`, `signal`, `unknown`. */
  code?: number;
  /** `SIGKILL`; POSIX only. */
  signal?: string;
  /** It ended while no daemon looked, and the system kept no record (P6). */
  unknown?: true;
  /** The workload hit its memory limit and the system ended it. */
  outOfMemory?: true;
  /** RFC 3339 with milliseconds. */
  finishedAt: string;
}

export type RuntimeEvent =
  /** A run has begun; told of those that this daemon starts. */
  | { type: "started"; uid: string; run: number; copy: Copy }
  | { type: "exited"; uid: string; run: number; exit: ExitStatus }
  /** Nothing of the tree lives any more; always after `exited`. */
  | { type: "tree-ended"; uid: string; run: number }
  /** Others emptied a log that the workload writes into, as `> /dev/stderr` in a script or copytruncate do. */
  | { type: "log-truncated"; uid: string; message: string }
  /** Before the first run: the copy goes on with what an earlier Process of its name has left. */
  | { type: "home-taken-up"; uid: string; message: string }
  | { type: "limit"; uid: string; limit: "memory" | "processes"; message: string };

export interface ExecOptions {
  timeoutMs: number;
  /** Bytes of output kept; the rest is counted, not stored. */
  maxOutput: number;
  env?: Readonly<Record<string, string>>;
}

export interface ExecResult {
  /** Absent when it timed out or was ended by a signal. */
  code?: number;
  timedOut: boolean;
  /** stdout and stderr together, UTF-8 with replacement. */
  output: string;
}

export interface Usage {
  /** Processor seconds since the start of the tree. */
  cpuSeconds: number;
  /** Resident bytes. */
  memoryBytes: number;
  /** File descriptors or handles. */
  handles: number;
  processes: number;
  /** Bytes that it shares with nobody (Windows: private bytes), where the system tells them in the same call. */
  privateBytes?: number;
  threads?: number;
  /** Each process of the tree, in the order of pids, where the system tells it in the same call. */
  tree?: readonly TreeMember[];
}

export interface TreeMember {
  pid: number;
  /** The pid of the process that started it, which may have ended long ago. */
  parent: number;
  /** `node.exe` */
  image: string;
  cpuSeconds: number;
  memoryBytes: number;
}

export interface RunFiles {
  /** The number of the run among all runs of its copy. */
  run: number;
  /** Its number among the runs of the instance that was asked for. Absent: it is a run of an earlier instance. */
  instanceRun?: number;
  /** The template that it was of. Absent: its record does not tell. */
  revision?: string;
  /** How it ended. */
  exit?: ExitStatus;
  startedAt: string;
  finishedAt?: string;
  stdout: string;
  /** Absent when merged into stdout. */
  stderr?: string;
  /** The encoding this run was started with. Absent: UTF-8. */
  encoding?: LogEncoding;
}

export type StartFailure =
  | "CommandNotFound"
  | "NotExecutable"
  | "WorkingDirNotFound"
  | "AccountNotFound"
  | "AccountNotAllowed"
  | "LogonFailed" // wrong or expired password, locked or disabled account
  | "AccessDenied" // the account lacks rights to the program or its folder
  | "ScriptRefused" // .bat and .cmd: name cmd.exe /d /s /c
  | "AlreadyRunning"
  | "PortInUse" // somebody listens at a port that its manifest declares
  | "InvalidArgument"
  | "SystemError";

export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: StartFailure;

  /** The message says what a person can do about it. */
  constructor(reason: StartFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
