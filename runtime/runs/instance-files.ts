import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isObject } from "../../lib/json-object.ts";
import type { Copy } from "../homes/copy.ts";
import { decodeName, encodeName } from "./folder-name.ts";
import { HomeFiles } from "./home-files.ts";
import { writeNote } from "./write-note.ts";

/**
 * The places of an Instance below the data directory: the records of its runs, and which home it uses. What it works on and what it writes is in the
 * home of its copy (`HomeFiles`). An Instance that a version before 0.2 made, and that has not been started since, has both in its own folder.
 */
export class InstanceFiles {
  readonly root: string;
  readonly homes: HomeFiles;

  constructor(dataDir: string) {
    this.root = join(dataDir, "instances");
    mkdirSync(this.root, { recursive: true, mode: 0o711 });
    this.homes = new HomeFiles(dataDir);
  }

  /** Instances that have a folder. */
  uids(): string[] {
    return readdirSync(this.root).map(decodeName);
  }

  folder(uid: string): string {
    return join(this.root, encodeName(uid));
  }

  /** The copy whose home it uses. Undefined: it has none, its files are in its own folder. */
  copyOf(uid: string): Copy | undefined {
    const pointer = this.#pointer(uid);
    if (!existsSync(pointer)) return undefined; // as at each first start; an exception would cost several times as much
    try {
      const copy: unknown = JSON.parse(readFileSync(pointer, "utf8"));
      const isCopy = isObject(copy) && typeof copy.owner === "string" && Number.isInteger(copy.index);
      return isCopy ? (copy as unknown as Copy) : undefined;
    } catch {
      return undefined;
    }
  }

  logs(uid: string): string {
    const copy = this.copyOf(uid);
    return copy ? this.homes.logs(copy) : join(this.folder(uid), "logs");
  }

  work(uid: string): string {
    const copy = this.copyOf(uid);
    return copy ? this.homes.work(copy) : join(this.folder(uid), "work");
  }

  record(uid: string, run: number): string {
    return join(this.folder(uid), `run-${run}.jsonl`);
  }

  /** The Instance whose newest run writes this log. */
  writerOf(log: string): string | undefined {
    const folder = dirname(dirname(log));
    if (dirname(folder) === this.root) return decodeName(basename(folder));
    return this.homes.note({ owner: decodeName(basename(dirname(folder))), index: Number(basename(folder)) })?.instance;
  }

  /** Makes the folder of an Instance; an existing one is left as it is. */
  create(uid: string): void {
    mkdirSync(this.folder(uid), { recursive: true, mode: 0o711 });
  }

  /** From here on the Instance uses the home of this copy. */
  point(uid: string, { owner, index }: Copy): void {
    writeNote(this.#pointer(uid), JSON.stringify({ owner, index }));
  }

  #pointer(uid: string): string {
    return join(this.folder(uid), "home.json");
  }
}
