import { LogBytes } from "./log-bytes.ts";
import { readTimeIndex, type Sample, timeAt } from "./time-index.ts";

const CHUNK = 64 * 1024;

/** Reads one log forward, over holes, while it grows and when others empty it. */
export class LogCursor {
  readonly #bytes: LogBytes;
  readonly #path: string;
  #samples: readonly Sample[] = [];
  #mtime = 0;
  position = 0;

  private constructor(path: string, bytes: LogBytes) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Undefined when the file was never made (a run that could not start) or is gone. */
  static async open(path: string): Promise<LogCursor | undefined> {
    const bytes = await LogBytes.open(path);
    if (!bytes) return undefined;
    const cursor = new LogCursor(path, bytes);
    await cursor.refresh();
    return cursor;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Reads the times anew. A cursor in bytes that were released moves to the first line that is left. */
  async refresh(): Promise<{ start: number; size: number }> {
    const { size, retained, mtimeMs } = await this.#bytes.size();
    const { start: known, samples } = readTimeIndex(this.#path);
    const start = known > size ? retained : known; // It was emptied, and the trimmer has not looked yet.
    this.#samples = samples;
    this.#mtime = mtimeMs;
    this.position = Math.max(this.position, start);
    return { start, size };
  }

  /** The next bytes; undefined at the end of what is there now. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const bytes = await this.#bytes.read(this.position, CHUNK);
      if (bytes.length === 0) {
        if (await this.#beganAnew()) continue;
        return undefined;
      }
      if (!bytes.includes(0)) return this.#take(bytes);
      const before = this.position; // Zeros: did the workload write them, or was the part released while we read it?
      await this.refresh();
      if (this.position === before) return this.#take(bytes);
    }
  }

  readAt(position: number, length: number): Promise<Buffer> {
    return this.#bytes.read(position, length);
  }

  /** When the bytes that end at `end` were written, to the precision with which the trimmer looks. */
  time(end: number): number {
    return timeAt(this.#samples, end) ?? this.#mtime;
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }

  /** True when the log ends before the cursor: others emptied it, and nobody could keep what stood there. */
  async #beganAnew(): Promise<boolean> {
    const { size, retained } = await this.#bytes.size();
    if (size >= this.position) return false;
    this.position = retained;
    return true;
  }

  #take(bytes: Buffer): Buffer {
    this.position += bytes.length;
    return bytes;
  }
}
