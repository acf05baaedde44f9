import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

export interface RotatingFileOptions {
  /** The newest file; `path.1` is the one before it, and so on. */
  path: string;
  maxBytes: number;
  /** How many files there are at most, the newest included. */
  maxFiles: number;
}

/** A link in the file's place is not followed. Windows has no such flag: there, nobody else may write the directory. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * A file that only its owner can read, and that moves aside before it outgrows `maxBytes`. One append is never split over
 * two files. Calls must not overlap. A failed append leaves no partial text behind where the system allows that, and the
 * next append opens the file anew, so a full disk or a removed directory heals by itself.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #handle: FileHandle | undefined;
  #size = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#makeRoom(bytes.byteLength);
    const handle = this.#handle ?? (await this.#open());
    try {
      await handle.appendFile(bytes);
      this.#size += bytes.byteLength;
    } catch (error) {
      await handle.truncate(this.#size).catch(() => {});
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {});
  }

  async #makeRoom(bytes: number): Promise<void> {
    if (this.#handle === undefined) await this.#open();
    if (this.#size === 0 || this.#size + bytes <= this.#options.maxBytes) return;
    await this.close();
    const { path, maxFiles } = this.#options;
    for (let number = maxFiles - 1; number >= 1; number -= 1) {
      await renameIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    }
    if (maxFiles <= 1) await this.#empty();
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, FLAGS, 0o600);
    const stat = await handle.stat();
    if (stat.isFile() && (stat.mode & 0o077) !== 0) await handle.chmod(0o600);
    this.#size = stat.size;
    this.#handle = handle;
    return handle;
  }

  async #empty(): Promise<void> {
    const handle = await this.#open();
    await handle.truncate(0);
    this.#size = 0;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
