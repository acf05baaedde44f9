import type { Copy } from "../homes/copy.ts";
import type { LaunchFile, LaunchSpec } from "../runtime.ts";
import { type ExecOptions, type ExecResult, type ExitStatus, StartError } from "../runtime.ts";

/** What a pretended program does when it starts. One that does nothing runs until it is asked to stop. */
export type MemoryProgram = (process: MemoryProcess) => void;

/**
 * The pretended operating system: its processes live on when a `MemoryRuntime` is closed, so a test can let a second one adopt them.
 * Programs are known by their command; an unknown command runs until it is asked to stop, and obeys at once.
 */
export class MemoryMachine {
  /** Who listens at a TCP port: the uid of an instance, or a stranger in words. */
  readonly listeners = new Map<number, string>();
  readonly processes = new Map<string, MemoryProcess>();
  /** What was written for each copy, by path. */
  readonly files = new Map<string, ReadonlyMap<string, string>>();
  /** What the programs know of them; a file that they have not been told of since it was written is missing. */
  readonly toldFiles = new Map<string, ReadonlyMap<string, string>>();
  /** Answers probes and hooks, whose environment is in the options; by default they succeed without a word, and `prints-environment` prints it. */
  exec: (process: MemoryProcess, command: readonly string[], options: ExecOptions) => ExecResult | Promise<ExecResult> =
    (_process, [name], { env = {} }) => {
      return { code: 0, timedOut: false, output: name === "prints-environment" ? JSON.stringify(env) : "" };
    };
  readonly #programs = new Map<string, MemoryProgram>(Object.entries(builtIn));
  #lastPid = 1000;

  program(command: string, program: MemoryProgram): void {
    this.#programs.set(command, program);
  }

  start(spec: LaunchSpec, startedAt: string): MemoryProcess {
    const process = new MemoryProcess(spec, ++this.#lastPid, startedAt);
    this.write(spec.copy, spec.files ?? []);
    this.tell(spec.copy, spec.files ?? []);
    this.#programs.get(spec.command)?.(process);
    this.processes.set(spec.uid, process);
    return process;
  }

  write(copy: Copy, files: readonly LaunchFile[]): void {
    const written = textsOf(files);
    const known = [...(this.toldFiles.get(placeOf(copy)) ?? [])];
    this.files.set(placeOf(copy), written);
    this.toldFiles.set(placeOf(copy), new Map(known.filter(([path, text]) => written.get(path) === text)));
  }

  tell(copy: Copy, files: readonly LaunchFile[]): void {
    this.toldFiles.set(placeOf(copy), textsOf(files));
  }
}

export const placeOf = ({ owner, index }: Copy): string => `${owner}/${index}`;
const textsOf = (files: readonly LaunchFile[]): Map<string, string> =>
  new Map(files.map(({ path, content }) => [path, textOf(content)]));
export const textOf = (content: Uint8Array): string => Buffer.from(content).toString();

/** One run. The runtime sees what the program does to itself as events. */
export class MemoryProcess {
  readonly spec: LaunchSpec;
  readonly pid: number;
  readonly startedAt: string;
  exit: Omit<ExitStatus, "finishedAt"> | undefined;
  /** Processes of the tree beside the main one; they may outlive it. */
  grandchildren = 0;
  /** They ignore the stop signal. */
  deafGrandchildren = false;
  /** Replaces the default answer to a stop request, which is to end by that signal. */
  onSignal: ((signal: string) => void) | undefined;
  /** Survives even the kill, like a process blocked in the kernel. */
  unkillable = false;
  /** Set by the runtime that looks. */
  onChange: (() => void) | undefined;

  constructor(spec: LaunchSpec, pid: number, startedAt: string) {
    this.spec = spec;
    this.pid = pid;
    this.startedAt = startedAt;
  }

  get treeAlive(): boolean {
    return this.exit === undefined || this.grandchildren > 0;
  }

  end(exit: Omit<ExitStatus, "finishedAt">): void {
    this.exit ??= exit;
    this.onChange?.();
  }

  endGrandchildren(): void {
    this.grandchildren = 0;
    this.onChange?.();
  }

  /** Reaches the whole tree. The grandchildren obey at once, unless they are deaf. */
  signal(name: string): void {
    if (!this.deafGrandchildren) this.grandchildren = 0;
    if (this.exit) this.onChange?.();
    else if (this.onSignal) this.onSignal(name);
    else this.end({ signal: name });
  }

  kill(): void {
    if (this.unkillable) return;
    this.grandchildren = 0;
    this.exit ??= { signal: "SIGKILL" };
    this.onChange?.();
  }
}

/** The fixtures of the contract suite, by the same names. */
const builtIn: Record<string, MemoryProgram> = {
  "runs-forever": () => {},
  "exits-with": (process) => process.end({ code: Number(process.spec.args[0] ?? 0) }),
  "dies-of": (process) => process.end({ signal: process.spec.args[0] ?? "SIGKILL" }),
  "ignores-stop": (process) => {
    process.onSignal = () => {};
  },
  "spawns-grandchild": (process) => {
    process.grandchildren = 1;
  },
  "leaves-grandchild": (process) => {
    process.grandchildren = 1;
    process.end({ code: 0 });
  },
  "does-not-exist": () => {
    throw new StartError("CommandNotFound", 'command "does-not-exist" not found');
  },
};
