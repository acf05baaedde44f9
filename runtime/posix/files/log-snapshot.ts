import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { isStillThere, movingPath, retainedPath, retainedSize } from "../../logs/retained-part.ts";
import { readTimeIndex } from "../../logs/time-index.ts";

/** So many bytes are copied in one step, so that nobody else waits long for the thread that copies. */
const STEP = 1024 * 1024;

/** The path of the log that a descriptor belongs to. */
export const logOf = (file: number): string => readlinkSync(`/proc/self/fd/${file}`);

/**
 * Copies the contents of a log to its retained part before others truncate the log. It copies step by step, and shows the copy to readers only when
 * the log was truncated indeed. Of a log that is longer than its limit it copies only the end, because whoever may write the file decides how long it
 * looks (a sparse file can show terabytes). Whoever begins a snapshot calls `end` once.
 */
export class LogSnapshot {
  readonly #log: string;
  readonly #file: number;
  readonly #size: number;
  readonly #before: number;
  readonly #retained: number;
  #at: number;

  private constructor(file: number, log: string, size: number, maxSize: number) {
    this.#file = file;
    this.#log = log;
    this.#size = size;
    this.#before = retainedSize(log);
    // It begins where the log begins since its oldest part was released; the retained part has a hole before that too.
    this.#at = Math.max(0, readTimeIndex(log).start - this.#before, size - maxSize);
    writeFileSync(movingPath(log), String(this.#before), { mode: 0o600 });
    this.#retained = openSync(retainedPath(log), constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  }

  /** `file`: a descriptor of the log, which stays the caller's. `maxSize`: bytes. Undefined: the log is empty or removed. */
  static begin(file: number, maxSize: number): LogSnapshot | undefined {
    const { size, nlink } = fstatSync(file);
    return size === 0 || nlink === 0 ? undefined : new LogSnapshot(file, logOf(file), size, maxSize);
  }

  /** True when all is copied. Throws on a full disk; what fits is kept. */
  copyStep(): boolean {
    const bytes = Buffer.allocUnsafe(Math.min(STEP, this.#size - this.#at));
    const length = bytes.length === 0 ? 0 : readSync(this.#file, bytes, 0, bytes.length, this.#at);
    for (let done = 0; done < length; ) {
      done += writeSync(this.#retained, bytes, done, length - done, this.#before + this.#at + done);
    }
    this.#at += length;
    return length === 0 || this.#at >= this.#size;
  }

  /** The log has become shorter. False proves nothing, since it may have grown again. */
  get hasShrunk(): boolean {
    return fstatSync(this.#file).size < this.#size;
  }

  /** The log still has what was copied. */
  get isStillThere(): boolean {
    return isStillThere(this.#file, this.#retained, this.#before);
  }

  /** From here on readers see the change. If the log was not emptied after all, the copy is dropped. */
  end(isTruncated: boolean): void {
    try {
      if (!isTruncated) ftruncateSync(this.#retained, this.#before);
    } finally {
      closeSync(this.#retained);
      rmSync(movingPath(this.#log), { force: true });
    }
  }
}
