import { type FileHandle, open } from "node:fs/promises";
import { readTimeIndex, type Sample, timeAt } from "./time-index.ts";

const CHUNK = 64 * 1024;

/** Reads one log file forward, over holes, while it grows. */
export class LogCursor {
  readonly #file: FileHandle;
  readonly #path: string;
  #samples: readonly Sample[] = [];
  #mtime = 0;
  position = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Undefined when the file was never made (a run that could not start) or is gone. */
  static async open(path: string): Promise<LogCursor | undefined> {
    try {
      const cursor = new LogCursor(path, await open(path, "r"));
      await cursor.refresh();
      return cursor;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Reads the times anew. A cursor in what was released moves to the first line that is left. */
  async refresh(): Promise<{ start: number; size: number }> {
    const { size, mtimeMs } = await this.#file.stat();
    const { start, samples } = readTimeIndex(this.#path);
    this.#samples = samples;
    this.#mtime = mtimeMs;
    this.position = Math.max(this.position, start);
    return { start, size };
  }

  /** The next bytes; undefined at the end of what is there now. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, this.position);
      if (bytesRead === 0) return undefined;
      const bytes = buffer.subarray(0, bytesRead);
      if (!bytes.includes(0)) return this.#take(bytes);
      const before = this.position; // Zeros: written by the workload, or released under our hands?
      await this.refresh();
      if (this.position === before) return this.#take(bytes);
    }
  }

  async readAt(position: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** When what ends at `end` was written, as well as it is known: within one look of the keeper. */
  time(end: number): number {
    return timeAt(this.#samples, end) ?? this.#mtime;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #take(bytes: Buffer): Buffer {
    this.position += bytes.length;
    return bytes;
  }
}
