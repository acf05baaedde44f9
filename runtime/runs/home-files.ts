import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isObject } from "../../lib/json-object.ts";
import { namesIn } from "../../lib/names-in.ts";
import type { Copy } from "../homes/copy.ts";
import type { HomeNote } from "../homes/homes.ts";
import { decodeName, encodeName } from "./folder-name.ts";
import { isRunNumber } from "./run-number.ts";
import { writeNote } from "./write-note.ts";

/** In the name of what is being removed. */
const REMOVED = ".removed-";
const OUTLIVES = "outlives.json";
/** Bytes. Less is no room. */
const LEAST_ROOM = 64 * 1024;

export interface FoundHomes {
  /** All that have a folder. */
  copies: Copy[];
  /** What is being removed. */
  removed: { path: string; owner: string }[];
  /** The owners whose homes outlive them. */
  outliving: string[];
}

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

  /** All that is there. It reads one folder for each owner, and no file. */
  scan(): FoundHomes {
    const found: FoundHomes = { copies: [], removed: [], outliving: [] };
    for (const owner of this.owners()) this.scanOwner(owner, found);
    return found;
  }

  owners(): string[] {
    return namesIn(this.root).map(decodeName);
  }

  /** Adds what there is of this owner. */
  scanOwner(owner: string, found: FoundHomes): void {
    const folder = this.ownerFolder(owner);
    for (const name of namesIn(folder)) {
      if (/^\d+$/.test(name)) found.copies.push({ owner, index: Number(name) });
      else if (name === OUTLIVES) found.outliving.push(owner);
      else if (name.includes(REMOVED)) found.removed.push({ path: join(folder, name), owner });
    }
  }

  /** Says that the homes of this owner outlive it. */
  outlives(owner: string): string {
    return join(this.ownerFolder(owner), OUTLIVES);
  }

  ownerFolder(owner: string): string {
    return join(this.root, encodeName(owner));
  }

  folder({ owner, index }: Copy): string {
    return join(this.ownerFolder(owner), String(index));
  }

  /** A new name beside its folder, for what is being removed. */
  aside(copy: Copy): string {
    return `${this.folder(copy)}${REMOVED}${randomBytes(6).toString("hex")}`;
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

  /** Where a run of the copy writes. */
  logsOf(copy: Copy, number: number, isSeparate: boolean): { stdout: string; stderr?: string } {
    return { stdout: this.log(copy, number, "out"), ...(isSeparate && { stderr: this.log(copy, number, "err") }) };
  }

  /** Which files the daemon has written into the folder. */
  filesNote(copy: Copy): string {
    return join(this.folder(copy), "files.json");
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

  isDiskFull(): boolean {
    try {
      const { bavail, bsize, files, ffree } = statfsSync(this.root);
      return bavail * bsize < LEAST_ROOM || (files > 0 && ffree === 0);
    } catch {
      return false;
    }
  }

  /** The number of the next run: above all that have left something here. */
  nextNumber(copy: Copy): number {
    return 1 + Math.max(0, ...this.#numbers(copy, /^(\d+)\.(?:out|err|jsonl)$/));
  }

  /** Gives the home of one copy to another one, which has none. One rename: it is done wholly or not at all. */
  move(from: Copy, to: Copy): void {
    mkdirSync(this.ownerFolder(to.owner), { recursive: true, mode: 0o711 });
    renameSync(this.folder(from), this.folder(to));
    this.removeEmpty(from.owner);
  }

  /** Removes the folder of an owner in which nothing is any more. */
  removeEmpty(owner: string): void {
    try {
      rmdirSync(this.ownerFolder(owner));
    } catch {
      // Other copies still have theirs, or it is noted that they outlive their Process.
    }
  }

  /** How many runs have left output here. */
  runs(copy: Copy): number {
    return new Set(this.#numbers(copy, /^(\d+)\.(?:out|err)$/)).size;
  }

  /** The numbers of the runs whose record is here, ascending. */
  recorded(copy: Copy): number[] {
    return this.#numbers(copy, /^(\d+)\.jsonl$/).sort((a, b) => a - b);
  }

  /** Undefined: there is none, or it is damaged. Whose it is, its place says: a home that was taken up still has the note of its former owner. */
  note({ owner, index }: Copy): HomeNote | undefined {
    try {
      const note: unknown = JSON.parse(readFileSync(this.#noteFile({ owner, index }), "utf8"));
      if (!isObject(note) || typeof note.process !== "string" || typeof note.namespace !== "string") return undefined;
      return { ...(note as unknown as HomeNote), owner, index };
    } catch {
      return undefined;
    }
  }

  /** Another one after each write of the note. Undefined: there is none. */
  noteVersion(copy: Copy): string | undefined {
    const stat = statSync(this.#noteFile(copy), { throwIfNoEntry: false });
    return stat && `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  }

  /** It stays when another Process takes the home up, unless a version before made it. */
  id(copy: Copy): string {
    return this.idIn(this.note(copy), copy);
  }

  /** The id, for whoever has read the note. */
  idIn(note: HomeNote | undefined, { owner, index }: Copy): string {
    return note?.id ?? `${owner}/${index}`;
  }

  /**
   * Whole or not at all; not synced, because each start of a fleet would wait for it, and a lost note costs only names. On a full disk it takes the place
   * of the note before: else nobody could leave a home, and it could not be removed to make room.
   */
  write(note: HomeNote): void {
    const file = this.#noteFile(note);
    const text = `${JSON.stringify(note)}\n`;
    try {
      writeNote(file, text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC" || !existsSync(file)) throw error;
      overwrite(file, text);
    }
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

/** In one call, in the room that the file has; blanks after JSON mean nothing. */
function overwrite(file: string, text: string): void {
  const fd = openSync(file, "r+");
  try {
    writeSync(fd, text.padEnd(fstatSync(fd).size));
  } finally {
    closeSync(fd);
  }
}
