import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../../lib/sync-directory.ts";
import type { AuditLog } from "./audit-log.ts";

interface Options {
  /** Made when it is missing. */
  folder: string;
  /** `audit`: the lines go to `audit.log`. */
  name: string;
  /** A file that would be larger gives way to the next. */
  maxBytes: number;
  /** With the present one. The oldest goes. */
  maxFiles: number;
}

type Handle = Awaited<ReturnType<typeof open>>;

/** Of lines that are owed. Of changes there are no more than were under way when the disk was full: the next ones are refused. */
const MOST_OWED = 10_000;

/** JSON lines in `NAME.log`, older ones in `NAME.log.1` and so on. Lines that come together are written together, in the order in which they came. */
export class FileAuditLog implements AuditLog {
  readonly #options: Options;
  #waiting: { line: string; done: PromiseWithResolvers<void> }[] = [];
  #owed: string[] = [];
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #nextSync: Promise<void> | undefined;
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
    return this.#put(lineOf(event));
  }

  async owe(event: object): Promise<void> {
    const line = lineOf(event);
    await this.#put(line).catch(() => {
      if (this.#owed.length < MOST_OWED) this.#owed.push(line);
    });
  }

  /** Those who wait together share one. */
  synced(): Promise<void> {
    this.#nextSync ??= this.#sync();
    return this.#nextSync;
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#owed.length > 0) await this.#append("").catch(() => {});
    await this.#handle?.close();
  }

  async #sync(): Promise<void> {
    await this.#syncing.catch(() => {});
    this.#nextSync = undefined; // Who comes now has lines that this one may not have.
    this.#syncing = this.#handle?.datasync() ?? Promise.resolve();
    await this.#syncing;
  }

  #put(line: string): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ line, done });
    this.#writing ??= this.#write();
    return done.promise;
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

  async #append(lines: string): Promise<void> {
    const owed = this.#owed.length;
    const wanted = this.#owed.join("") + lines;
    let handle = this.#handle ?? (await this.#open());
    if (this.#size > 0 && this.#size + Buffer.byteLength(wanted) > this.#turnAt) handle = await this.#turn(handle);
    const text = Buffer.from(this.#isTorn ? `\n${wanted}` : wanted);
    try {
      await handle.appendFile(text);
    } catch (error) {
      this.#isTorn = !(await this.#takeBack(handle, text.length));
      throw error;
    }
    this.#isTorn = false;
    this.#size += text.length;
    this.#owed.splice(0, owed);
  }

  /** What of a refused batch did get in. False when that was not possible (Windows has opened the file for appending only). */
  async #takeBack(handle: Handle, bytes: number): Promise<boolean> {
    try {
      const written = (await handle.stat()).size - this.#size;
      if (written > 0 && written <= bytes) await handle.truncate(this.#size);
      return written <= bytes;
    } catch {
      return false;
    }
  }

  async #open(): Promise<Handle> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#file(0), "a", 0o600);
    const { size } = await handle.stat();
    this.#handle = handle;
    this.#size = size;
    if (size === 0) syncDirectory(folder);
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
    const { folder, name } = this.#options;
    return join(folder, n === 0 ? `${name}.log` : `${name}.log.${n}`);
  }
}

const lineOf = (event: object): string => `${JSON.stringify(event)}\n`;

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
