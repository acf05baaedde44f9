import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { syncDirectory } from "../../lib/sync-directory.ts";

export interface Mark {
  id: string;
  /** The last acknowledged one; the store beside this file must have it. */
  revision: number;
}

/**
 * The small file `store.id` beside the store. It says that a store was here, which one, and up to which revision it has acknowledged writes. So the
 * next start notices a store that vanished, was emptied, or lost its newest writes: a damaged write-ahead log looks like a short one (P12). It is
 * written in place after each commit, without waiting for the disk; after a power cut it may lag, but never lead.
 */
export class HighWaterMark {
  readonly #fd: number;
  readonly #id: string;

  constructor(file: string, mark: Mark) {
    const isNew = !existsSync(file);
    this.#fd = openSync(file, isNew ? "wx" : "r+", 0o600);
    this.#id = mark.id;
    this.raise(mark.revision);
    ftruncateSync(this.#fd, format(mark).length);
    fsyncSync(this.#fd);
    if (isNew) syncDirectory(dirname(file));
  }

  raise(revision: number): void {
    writeSync(this.#fd, format({ id: this.#id, revision }), 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Undefined: no such file. Null: there is one, but it cannot be understood. */
export function readMark(file: string): Mark | null | undefined {
  if (!existsSync(file)) return undefined;
  const [name, id = "", revision = ""] = readFileSync(file, "utf8").split(" ");
  const mark = { id, revision: Number(revision) };
  return name === NAME && readFileSync(file, "utf8") === format(mark) ? mark : null;
}

const NAME = "wctl-store";

function format({ id, revision }: Mark): string {
  const text = `${NAME} ${id} ${String(revision).padStart(16, "0")}`;
  return `${text} ${crc32(text).toString(16).padStart(8, "0")}\n`;
}
