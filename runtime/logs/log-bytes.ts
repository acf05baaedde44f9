import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isMoving, retainedPath, retainedSize } from "./retained-part.ts";

export interface LogSize {
  /** Bytes of the whole row. */
  size: number;
  /** Bytes that stood there before others emptied the file. What the workload holds begins after them. */
  retained: number;
  /** Wall clock, ms. */
  mtimeMs: number;
}

/** A move takes less than a millisecond. An older mark was left by a daemon that died, and the next daemon finishes that move. */
const MOST_WAITS = 500;
const WAIT_MS = 2;

/** One log as one row of bytes (see `retained-part.ts`), also while bytes are being moved from one file to the other. */
export class LogBytes {
  readonly #path: string;
  readonly #file: FileHandle;
  #keptFile: FileHandle | undefined;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Undefined when the file was never made (a run that could not start) or is gone. */
  static async open(path: string): Promise<LogBytes | undefined> {
    try {
      return new LogBytes(path, await open(path, "r"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  size(): Promise<LogSize> {
    return this.#whileStill(async (retained) => {
      const { size, mtimeMs } = await this.#file.stat();
      return { size: retained + size, retained, mtimeMs };
    });
  }

  /** At most `length` bytes; fewer only at the end. */
  async read(position: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = position; at < position + length; ) {
      const part = await this.#part(at, position + length - at);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await this.#keptFile?.close();
    await this.#file.close();
  }

  #part(position: number, length: number): Promise<Buffer> {
    return this.#whileStill(async (retained) => {
      const isRetained = position < retained;
      const file = isRetained ? await this.#openKept() : this.#file;
      const most = isRetained ? Math.min(length, retained - position) : length;
      const at = isRetained ? position : position - retained;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(most), 0, most, at);
      return buffer.subarray(0, bytesRead);
    });
  }

  async #openKept(): Promise<FileHandle> {
    this.#keptFile ??= await open(retainedPath(this.#path), "r");
    return this.#keptFile;
  }

  /** What `act` reads counts only when no byte was moved meanwhile. */
  async #whileStill<T>(act: (retained: number) => Promise<T>): Promise<T> {
    for (let waits = 0; ; waits++) {
      const isPatient = waits < MOST_WAITS;
      if (isPatient && isMoving(this.#path)) {
        await pause(WAIT_MS);
        continue;
      }
      const retained = retainedSize(this.#path);
      const result = await act(retained);
      if (!isPatient || (!isMoving(this.#path) && retainedSize(this.#path) === retained)) return result;
    }
  }
}
