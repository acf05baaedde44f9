import { createHash } from "node:crypto";
import { accessSync, constants, writeSync } from "node:fs";
import { identityOf, withEmbeddedFile } from "../../../lib/embedded-file.ts";
import { MFD_CLOEXEC, O_CLOEXEC, O_NONBLOCK } from "../ffi/layout.ts";
import { close, errno, memfd_create, pipe2, read } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";
import { aside } from "./aside.ts";
import { callList, type SystemCall } from "./call-list.ts";
import { staticProgram } from "./elf.ts";
import { LIST_ADDRESS, machineCodes, SIZEOF_CALL, SIZEOF_REPORT } from "./machine-code.ts";
import { type CallNumbers, callNumbers } from "./system-calls.ts";

const ENOMEM = 12;

export interface Launcher {
  /** The launcher's file, in a folder that only this daemon's user can write. */
  path: string;
  numbers: CallNumbers;
}

let known: (Launcher & { identity: string | undefined }) | Error | undefined;

/**
 * The launcher of this thread. It is made at the first call, and made anew when somebody has cleaned caches, or when the file there is not the one
 * that was checked. An Error says why this machine has none.
 */
export function openLauncher(): Launcher | Error {
  if (known instanceof Error) return known;
  if (known?.identity !== undefined && identityOf(known.path) === known.identity) return known;
  const found = find();
  known = found instanceof Error ? found : { ...found, identity: identityOf(found.path) };
  return known;
}

function find(): Launcher | Error {
  const { arch } = process;
  const program = programFor(arch);
  const numbers = callNumbers[arch];
  if (!program || !numbers) return new Error(`there is no launcher for ${arch}`);
  try {
    const hash = createHash("sha256").update(program).digest("hex").slice(0, 16);
    return { path: withEmbeddedFile(`launch-${hash}`, program, requireExecutable), numbers };
  } catch (error) {
    return error as Error;
  }
}

/** Throws on a file system that is mounted noexec. */
function requireExecutable(path: string): string {
  accessSync(path, constants.X_OK);
  return path;
}

/** Its file, for an architecture as Node names it. */
export function programFor(arch: string): Buffer | undefined {
  const code = machineCodes[arch];
  return code && staticProgram(code.machine, Buffer.from(code.listing.map(([bytes]) => bytes).join(""), "hex"));
}

/**
 * A program that begins. Nobody may have to wait for it: the account it runs as can hold up its own execve (by a lease on its program, a file system
 * of its own, or SIGSTOP).
 */
export interface ExecOutcome {
  /** This descriptor can be read when there is an answer. */
  fd: number;
  /** "begun"; or why it has not become the program, as a system error (`syscall`, `code`); or undefined when it has not told yet. */
  answer(): "begun" | NodeJS.ErrnoException | undefined;
  close(): void;
}

export interface Launched {
  pid: number;
  execOutcome: ExecOutcome;
}

/** Calls `start` with the descriptors that the launcher is to have as its list and for its report. Throws what it throws. */
export function launch(
  calls: readonly SystemCall[],
  start: (fds: { list: number; report: number }) => number,
): Launched {
  const opened: number[] = [];
  try {
    const list = memoryFile(callList(calls), opened);
    const report = openPipe(opened);
    const pid = start({ list, report: report.write });
    opened.splice(opened.indexOf(report.read), 1);
    return { pid, execOutcome: new Report(report.read, calls) };
  } finally {
    for (const fd of opened) close(fd);
  }
}

/** The report ends without a word when execve has closed the other side. */
class Report implements ExecOutcome {
  readonly fd: number;
  readonly #calls: readonly SystemCall[];
  #open = true;

  constructor(fd: number, calls: readonly SystemCall[]) {
    this.fd = fd;
    this.#calls = calls.map(({ name, number }) => ({ name, number, args: [] })); // the environment is not kept
  }

  answer(): "begun" | NodeJS.ErrnoException | undefined {
    if (!this.#open) return undefined; // its number may be another's
    const report = Buffer.alloc(SIZEOF_REPORT);
    const length = Number(read(this.fd, report, report.length));
    if (length < SIZEOF_REPORT) return length === 0 ? "begun" : undefined;
    const index = (Number(report.readBigUInt64LE(0)) - LIST_ADDRESS) / SIZEOF_CALL - 1;
    return systemError(this.#calls[index]?.name ?? "launcher", -Number(report.readBigInt64LE(8)));
  }

  close(): void {
    if (this.#open) close(this.fd);
    this.#open = false;
  }
}

function memoryFile(content: Buffer, opened: number[]): number {
  const fd = memfd_create("wctl-launch", MFD_CLOEXEC);
  if (fd < 0) throw systemError("memfd_create", errno());
  const moved = aside(fd);
  opened.push(moved);
  if (writeSync(moved, content) < content.length) throw systemError("write", ENOMEM);
  return moved;
}

function openPipe(opened: number[]): { read: number; write: number } {
  const fds = [0, 0];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) !== 0) throw systemError("pipe2", errno());
  opened.push(fds[0]!);
  const pipe = { read: fds[0]!, write: aside(fds[1]!) };
  opened.push(pipe.write);
  return pipe;
}
