import { chmodSync, chownSync, constants, openSync, writeSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { ReadStream } from "node:tty";
import type { TerminalSize } from "../../../api/exec/exec-session.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { TIOCGPTN, TIOCSPTLCK, TIOCSWINSZ } from "../ffi/layout.ts";
import { close, errno, ioctl } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";
import { endWhenQuiet } from "./end-when-quiet.ts";
import type { ExecEnds } from "./exec-ends.ts";

/** Milliseconds between two tries to write to a terminal whose program reads nothing. */
const TRY_AGAIN_MS = 20;
/** What Ctrl-D sends. */
const END_OF_INPUT = Buffer.from([4]);

/** A pseudoterminal: pty(7). The program's side becomes the terminal of its session when the program, which leads one, opens it. */
export function openTerminal(size: TerminalSize, clock: Clock): ExecEnds {
  const fd = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  let master: ReadStream;
  let path: string;
  try {
    path = unlock(fd);
    setSize(fd, size);
    master = new ReadStream(fd);
  } catch (error) {
    close(fd);
    throw error;
  }
  const ended = new AbortController();
  master.once("close", () => ended.abort());
  const write = (chunk: Uint8Array): Promise<void> => writeAll(fd, chunk, clock, ended.signal);
  const stdout = outputOf(master);
  return {
    theirs: {
      stdin: path,
      stdout: 0,
      stderr: 0,
      share: (credentials) => {
        chmodSync(path, 0o600); // As after mesg n: the group is that of the account, and what others of it write would come to the terminal of a person.
        if (credentials) chownSync(path, credentials.uid, credentials.gid);
      },
    },
    given: () => {},
    stdin: new Writable({
      write: (chunk, _encoding, done) => void write(chunk).then(() => done(), done),
      final: (done) => void write(END_OF_INPUT).then(() => done(), done),
    }),
    stdout,
    resize: (wanted) => {
      if (!master.destroyed) setSize(fd, wanted);
    },
    finish: () => void endWhenQuiet(stdout, master, clock),
    destroy: () => void master.destroy(),
  };
}

/** What comes before the end is delivered, also when the system tells of the end by an error (EIO). */
function outputOf(master: ReadStream): Readable {
  const output = new Readable({ read: () => void master.resume() });
  master.on("data", (chunk: Buffer) => {
    if (!output.push(chunk)) master.pause();
  });
  const end = (): void => {
    if (!output.readableEnded) output.push(null);
  };
  master.on("error", end);
  master.once("close", end);
  return output;
}

/** Never waits in the call: a program that reads nothing would hold up the daemon. */
async function writeAll(fd: number, chunk: Uint8Array, clock: Clock, ended: AbortSignal): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    ended.throwIfAborted(); // Its number may be another's by now.
    const written = tryWrite(fd, chunk.subarray(at));
    at += written;
    if (written === 0) await sleep(clock, TRY_AGAIN_MS, ended);
  }
}

function tryWrite(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}

/** The path of the program's side. */
function unlock(fd: number): string {
  const [locked, number] = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  if (ioctl(fd, TIOCSPTLCK, locked) !== 0) throw systemError("ioctl TIOCSPTLCK", errno());
  if (ioctl(fd, TIOCGPTN, number) !== 0) throw systemError("ioctl TIOCGPTN", errno());
  return `/dev/pts/${number.readUInt32LE()}`;
}

function setSize(fd: number, { columns, rows }: TerminalSize): void {
  ioctl(fd, TIOCSWINSZ, Buffer.from(new Uint16Array([rows, columns, 0, 0]).buffer)); // It fails only when nothing is there to be told.
}
