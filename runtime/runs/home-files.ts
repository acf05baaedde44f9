import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../lib/json-object.ts";
import { namesIn } from "../../lib/names-in.ts";
import type { Copy } from "../homes/copy.ts";
import type { HomeNote } from "../homes/homes.ts";
import { decodeName, encodeName } from "./folder-name.ts";
import { isRunNumber } from "./run-number.ts";

/**
 * The places of the homes below the data directory: `homes/OWNER/INDEX/` with `work/`, `logs/` and `home.json`. As with Instances, only `work`
 * belongs to the account of the workload; it can swap nothing that the daemon opens, removes or trusts (S11).
 */
export class HomeFiles {
  readonly root: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, "homes");
    mkdirSync(this.root, { recursive: true, mode: 0o711 });
  }

  /** All copies that have a folder. */
  copies(): Copy[] {
    return namesIn(this.root).flatMap((owner) =>
      namesIn(join(this.root, owner)).flatMap((index) =>
        /^\d+$/.test(index) ? [{ owner: decodeName(owner), index: Number(index) }] : [],
      ),
    );
  }

  ownerFolder(owner: string): string {
    return join(this.root, encodeName(owner));
  }

  folder({ owner, index }: Copy): string {
    return join(this.ownerFolder(owner), String(index));
  }

  /** The folders that an account must walk through to come to its own. */
  above(copy: Copy): string[] {
    return [this.root, this.ownerFolder(copy.owner), this.folder(copy)];
  }

  work(copy: Copy): string {
    return join(this.folder(copy), "work");
  }

  logs(copy: Copy): string {
    return join(this.folder(copy), "logs");
  }

  /** `number`: of the run among all runs of the copy. */
  log(copy: Copy, number: number, stream: "out" | "err"): string {
    return join(this.logs(copy), `${number}.${stream}`);
  }

  /** The record of a run of an Instance that is gone. */
  record(copy: Copy, number: number): string {
    return join(this.logs(copy), `${number}.jsonl`);
  }

  /** Makes the folders of a copy; existing ones are left as they are. */
  create(copy: Copy): void {
    if (existsSync(this.work(copy))) return; // It is the last one to be made.
    mkdirSync(this.folder(copy), { recursive: true, mode: 0o711 });
    mkdirSync(this.logs(copy), { recursive: true, mode: 0o700 });
    mkdirSync(this.work(copy), { recursive: true, mode: 0o700 });
  }

  /** The number of the next run: above all that have left something here. */
  nextNumber(copy: Copy): number {
    return 1 + Math.max(0, ...this.#numbers(copy, /^(\d+)\.(?:out|err|jsonl)$/));
  }

  /** The numbers of the runs whose record is here, ascending. */
  recorded(copy: Copy): number[] {
    return this.#numbers(copy, /^(\d+)\.jsonl$/).sort((a, b) => a - b);
  }

  /** Undefined: there is none, or it is damaged. */
  note(copy: Copy): HomeNote | undefined {
    try {
      const note: unknown = JSON.parse(readFileSync(this.#noteFile(copy), "utf8"));
      return isObject(note) && note.owner === copy.owner ? (note as unknown as HomeNote) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole or not at all; not synced, because each start of a fleet would wait for it, and a lost note costs only names. */
  write(note: HomeNote): void {
    const file = this.#noteFile(note);
    writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  #noteFile(copy: Copy): string {
    return join(this.folder(copy), "home.json");
  }

  #numbers(copy: Copy, pattern: RegExp): number[] {
    return namesIn(this.logs(copy)).flatMap((name) => {
      const number = Number(pattern.exec(name)?.[1]);
      return isRunNumber(number) ? [number] : [];
    });
  }
}
