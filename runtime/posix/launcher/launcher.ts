import { createHash } from "node:crypto";
import { accessSync, closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { withCarriedFile } from "../../../lib/carried-file.ts";
import { F_DUPFD_CLOEXEC, MFD_CLOEXEC, O_CLOEXEC, P_PID, SIZEOF_SIGINFO, WEXITED } from "../ffi/layout.ts";
import { close, errno, fcntl, memfd_create, pipe2, waitid } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";
import { callList, type SystemCall } from "./call-list.ts";
import { staticProgram } from "./elf.ts";
import { LIST_ADDRESS, machineCodes, SIZEOF_CALL, SIZEOF_REPORT } from "./machine-code.ts";
import { type CallNumbers, callNumbers } from "./system-calls.ts";

const ENOMEM = 12;
/** Ours are moved above the numbers that the child gives to others. */
const FIRST_FREE_FD = 16;

export interface Launcher {
  /** The program, open for reading: whatever becomes of its path, this is what runs. */
  fd: number;
  numbers: CallNumbers;
}

let known: Launcher | Error | undefined;

/** The launcher of this thread, made at the first call; an Error says why this machine has none. */
export function openLauncher(): Launcher | Error {
  known ??= find();
  return known;
}

function find(): Launcher | Error {
  const { arch } = process;
  const program = programFor(arch);
  const numbers = callNumbers[arch];
  if (!program || !numbers) return new Error(`there is no launcher for ${arch}`);
  try {
    const hash = createHash("sha256").update(program).digest("hex").slice(0, 16);
    return { fd: withCarriedFile(`launch-${hash}`, program, openProgram), numbers };
  } catch (error) {
    return error as Error;
  }
}

/** Throws on a file system that is mounted noexec. */
function openProgram(path: string): number {
  accessSync(path, constants.X_OK);
  const fd = openSync(path, "r");
  try {
    return duplicate(fd);
  } finally {
    closeSync(fd);
  }
}

/** Its file, for an architecture as Node names it. */
export function programFor(arch: string): Buffer | undefined {
  const code = machineCodes[arch];
  return code && staticProgram(code.machine, Buffer.from(code.listing.map(([bytes]) => bytes).join(""), "hex"));
}

/**
 * Calls `start` with the descriptors that the launcher is to have as its list and for its report, and waits until it has become the workload.
 * Throws what `start` throws, or a system error (`syscall`, `code`) that tells which call failed.
 */
export function launch(calls: readonly SystemCall[], start: (fds: { list: number; report: number }) => number): number {
  const opened: number[] = [];
  try {
    const list = memoryFile(callList(calls), opened);
    const report = openPipe(opened);
    const pid = start({ list, report: report.write });
    for (const fd of opened.splice(0)) if (fd !== report.read) close(fd); // else the pipe would not end
    opened.push(report.read);
    const failure = readReport(report.read, calls);
    if (!failure) return pid;
    waitid(P_PID, pid, Buffer.alloc(SIZEOF_SIGINFO), WEXITED); // it ends by itself, and nobody else knows of it
    throw failure;
  } finally {
    for (const fd of opened) close(fd);
  }
}

/** Its end without a word: execve has closed the other side. */
function readReport(fd: number, calls: readonly SystemCall[]): NodeJS.ErrnoException | undefined {
  const report = Buffer.alloc(SIZEOF_REPORT);
  if (readSync(fd, report) < SIZEOF_REPORT) return undefined;
  const index = (Number(report.readBigUInt64LE(0)) - LIST_ADDRESS) / SIZEOF_CALL - 1;
  return systemError(calls[index]?.name ?? "launcher", -Number(report.readBigInt64LE(8)));
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
  if (pipe2(fds, O_CLOEXEC) !== 0) throw systemError("pipe2", errno());
  opened.push(fds[0]!);
  const pipe = { read: fds[0]!, write: aside(fds[1]!) };
  opened.push(pipe.write);
  return pipe;
}

function aside(fd: number): number {
  if (fd >= FIRST_FREE_FD) return fd;
  try {
    return duplicate(fd);
  } finally {
    close(fd);
  }
}

function duplicate(fd: number): number {
  const copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
  if (copy < 0) throw systemError("fcntl", errno());
  return copy;
}
