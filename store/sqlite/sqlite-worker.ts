import { mkdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { Version } from "../journal.ts";
import { createSqliteFile, undoUnfinishedSwitch } from "./create-file.ts";
import { full, healthAfter, isFull } from "./errors.ts";
import { FORMAT } from "./format.ts";
import type { Answer, Broken, Opened, Question, Questions, Transaction } from "./messages.ts";
import { SqliteFile } from "./sqlite-file.ts";
import { isNewStore, SqliteInspection } from "./sqlite-inspection.ts";

/** A full disk counts as having room only when so much is free; with less, the first write would find it full again. */
const ROOM_BYTES = 1024 * 1024;

/**
 * The thread that waits for the disk, so that the event loop does not. After a failure it answers every question with that failure; if there was only
 * no space, until a probe finds room again.
 */
class SqliteWorker implements Questions {
  #file = "";
  #inspection: SqliteInspection | undefined;
  #store: SqliteFile | undefined;
  #broken: Broken | undefined;
  /** It broke for lack of space, which may pass. */
  #isOnlyFull = false;

  answer({ ask, with: given }: Question): Answer {
    const mayTry = ask === "close" || (ask === "probe" && this.#isOnlyFull);
    if (this.#broken && !mayTry) return this.#broken;
    try {
      return { ok: true, value: (this[ask] as (...given: unknown[]) => unknown)(...given) };
    } catch (error) {
      return this.#break(error);
    }
  }

  open(file: string): Opened {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (isNewStore(file, this.#markFile)) createSqliteFile(file);
    else undoUnfinishedSwitch(file);
    this.#inspection = new SqliteInspection(file, this.#markFile);
    return this.#opened();
  }

  read(): Version[] {
    return this.#inspection?.read() ?? [];
  }

  begin(): Opened {
    const opened = this.#opened();
    const { meta, format = FORMAT.json } = this.#inspection ?? {};
    this.#inspection?.close();
    if (opened.health.ok && meta) this.#store = new SqliteFile(this.#file, this.#markFile, meta, format);
    return opened;
  }

  stored(prefix: string, after: number): Version[] {
    return this.#writable().stored(prefix, after);
  }

  replace(versions: Version[]): void {
    this.#writable().replace(versions);
  }

  scrub(): string | undefined {
    return problemOf(() => this.#writable().scrub());
  }

  commit(transaction: Transaction): void {
    this.#writable().commit(transaction);
  }

  probe(): void {
    if (!hasRoom(dirname(this.#file))) throw new NoRoom();
    this.#writable().probe();
    this.#writable().tidy();
    this.#broken = undefined;
    this.#isOnlyFull = false;
  }

  backup(file: string): string | undefined {
    return problemOf(() => this.#writable().backup(file));
  }

  close(): void {
    this.#inspection?.close();
    this.#store?.close();
  }

  /** Work that can wait until after the answer. */
  rest(): Broken | undefined {
    try {
      if (!this.#broken) this.#store?.tidy();
      return undefined;
    } catch (error) {
      return { ...this.#break(error), unasked: true };
    }
  }

  get #markFile(): string {
    return join(dirname(this.#file), "store.id");
  }

  #writable(): SqliteFile {
    if (!this.#store) throw new Error("the store is not open for writing");
    return this.#store;
  }

  #opened(): Opened {
    const { revision = 0, health = { ok: true }, meta, format = FORMAT.json } = this.#inspection ?? {};
    const compacted = health.ok && meta ? meta.compacted : revision;
    return { revision, compacted, health, unscrubbed: format < FORMAT.scrubbed };
  }

  #break(error: unknown): Broken {
    this.#isOnlyFull = this.#store !== undefined && (isFull(error) || error instanceof NoRoom);
    const health = this.#isOnlyFull ? full(this.#file) : healthAfter(error, this.#file);
    this.#broken = { ok: false, health, cause: String(error) };
    return this.#broken;
  }
}

function problemOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** True where the file system does not say: the next write shows it. */
function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return true;
  }
}

class NoRoom extends Error {
  override readonly message = "not enough space is free yet";
}

const worker = new SqliteWorker();
parentPort?.on("message", (question: Question) => {
  parentPort?.postMessage(worker.answer(question));
  if (question.ask === "close") return parentPort?.close();
  const broken = worker.rest();
  if (broken) parentPort?.postMessage(broken);
});
