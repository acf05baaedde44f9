import { Readable, Writable } from "node:stream";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";
import { openPipe } from "./pipe.ts";
import { PipeReader } from "./pipe-reader.ts";

/** Milliseconds between two tries to write to a program that reads nothing. */
const TRY_AGAIN_MS = 20;
/** Bytes that are written in one go, far below the room of a pipe. */
const PIECE = 4096;

/** A stream of ours, and the handle that its program gets. */
export interface PipeStream<T> {
  readonly stream: T;
  readonly theirs: Handle;
  /** The program has its handle, or will never have it. */
  given(): void;
}

/** What a program prints, as fast as it is read. */
export function outputStream(api: Winapi, clock: Clock): PipeStream<Readable> {
  const { ours, theirs } = openPipe(api, "writes");
  const reader = new PipeReader({
    api,
    clock,
    handle: ours,
    take: (chunk) => stream.push(chunk),
    ended: () => {
      if (!stream.destroyed) stream.push(null);
    },
  });
  const stream: Readable = new Readable({
    read: () => reader.resume(),
    destroy: (error, done) => {
      reader.close();
      done(error);
    },
  });
  const given = (): void => {
    api.CloseHandle(theirs);
    reader.begin();
  };
  return { stream, theirs, given };
}

/** What a program reads. It never waits in the call: a program that reads nothing would hold up the daemon. */
export function inputStream(api: Winapi, clock: Clock): PipeStream<Writable> {
  const { ours, theirs } = openPipe(api, "reads");
  const mode = Buffer.alloc(4);
  mode.writeUInt32LE(constants.PIPE_NOWAIT);
  must(api, "SetNamedPipeHandleState", api.SetNamedPipeHandleState(ours, mode, null, null));
  const closed = new AbortController();
  const write = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0; at < chunk.length; ) {
      closed.signal.throwIfAborted();
      const count = Buffer.alloc(4);
      const piece = chunk.subarray(at, at + PIECE);
      must(api, "WriteFile", api.WriteFile(ours, piece, piece.length, count, null));
      at += count.readUInt32LE();
      if (count.readUInt32LE() === 0) await sleep(clock, TRY_AGAIN_MS, closed.signal);
    }
  };
  const stream = new Writable({
    write: (chunk, _encoding, done) => void write(chunk).then(() => done(), done),
    destroy: (error, done) => {
      closed.abort();
      api.CloseHandle(ours);
      done(error);
    },
  });
  stream.on("error", () => {}); // The program has closed its end, or has ended.
  return { stream, theirs, given: () => void api.CloseHandle(theirs) };
}
