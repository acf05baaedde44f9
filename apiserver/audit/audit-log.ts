import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where it is written down who did what. */
export interface AuditLog {
  /** Resolves when the system has it; rejects when it could not be written: then what was to be done is not. */
  record(event: object): Promise<void>;
}

interface Options {
  /** A folder of its own; made when it is missing. */
  folder: string;
  /** A file that would be larger gives way to the next. */
  maxBytes: number;
  /** With the present one. The oldest goes. */
  maxFiles: number;
}

type Handle = Awaited<ReturnType<typeof open>>;

/** JSON lines in `audit.log`, older ones in `audit.log.1` and so on. Lines that come together are written together, in the order in which they came. */
export class FileAuditLog implements AuditLog {
  readonly #options: Options;
  #waiting: { line: string; done: PromiseWithResolvers<void> }[] = [];
  #writing: Promise<void> | undefined;
  #handle: Handle | undefined;
  #size = 0;
  #turnAt: number;
  /** The last line did not get in whole: the next begins a new one. */
  #isTorn = false;

  constructor(options: Options) {
    this.#options = options;
    this.#turnAt = options.maxBytes;
  }

  record(event: object): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ line: `${JSON.stringify(event)}\n`, done });
    this.#writing ??= this.#write();
    return done.promise;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const text = batch.map(({ line }) => line).join("");
      const failure = await this.#append(text).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      for (const { done } of batch) failure ? done.reject(failure) : done.resolve();
    }
    this.#writing = undefined;
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    let handle = this.#handle ?? (await this.#open());
    if (this.#size > 0 && this.#size + bytes > this.#turnAt) handle = await this.#turn(handle);
    try {
      await handle.appendFile(this.#isTorn ? `\n${text}` : text);
    } catch (error) {
      this.#isTorn = true;
      throw error;
    }
    this.#isTorn = false;
    this.#size += bytes;
  }

  async #open(): Promise<Handle> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#file(0), "a", 0o600);
    const { size } = await stat(this.#file(0));
    this.#handle = handle;
    this.#size = size;
    // Of a daemon that was killed the last line may be a half.
    this.#isTorn = size > 0 && !(await this.#endsWhole(size));
    return handle;
  }

  async #endsWhole(size: number): Promise<boolean> {
    const reader = await open(this.#file(0), "r");
    try {
      const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
      return buffer[0] === 0x0a;
    } finally {
      await reader.close();
    }
  }

  /** Who reads a file may keep it from being renamed (Windows). Nothing is refused for that: the file grows on, and after some more it is tried again. */
  async #turn(handle: Handle): Promise<Handle> {
    await handle.datasync();
    this.#handle = undefined;
    await handle.close();
    const { maxBytes } = this.#options;
    const hasTurned = await this.#makeRoom().then(
      () => true,
      () => false,
    );
    const next = await this.#open();
    this.#turnAt = hasTurned ? maxBytes : this.#size + maxBytes / 10;
    return next;
  }

  /** The oldest first, so that what fails on the way overwrites nothing. */
  async #makeRoom(): Promise<void> {
    const last = this.#options.maxFiles - 1;
    await rm(this.#file(last), { force: true });
    for (let n = last - 1; n >= 0; n--) await rename(this.#file(n), this.#file(n + 1)).catch(unlessMissing);
  }

  #file(n: number): string {
    return join(this.#options.folder, n === 0 ? "audit.log" : `audit.log.${n}`);
  }
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
