import { existsSync, renameSync } from "node:fs";
import { count } from "../../lib/wording.ts";
import type { Copy, NamedCopy } from "../homes/copy.ts";
import type { HomeNote, HomeOwner, HomeSize, Homes } from "../homes/homes.ts";
import { measureFolder, type OpenFolder } from "../homes/measure-folder.ts";
import { type LaunchSpec, StartError } from "../runtime.ts";
import type { FoundHomes, HomeFiles } from "./home-files.ts";
import { type Look, lookForUnused } from "./look-for-unused.ts";
import { OutlivedOwners } from "./outlived-owners.ts";

export interface FolderHomesOptions {
  files: HomeFiles;
  removeFolder: (path: string) => Promise<void>;
  openFolder: OpenFolder;
  /** `uid`: of the Instance. `message`: what the Event says. */
  onTakenUp: (uid: string, message: string) => void;
}

export class FolderHomes implements Homes {
  readonly #options: FolderHomesOptions;
  readonly #files: HomeFiles;
  readonly #owners: OutlivedOwners;
  /** The folders of copies that are being started: their notes may not tell of it yet. */
  readonly #entering = new Set<string>();
  /** What an earlier daemon had begun to remove, as the first look found it. */
  #unfinished: FoundHomes["removed"] | undefined;
  #inUse: Look["inUse"] = new Map();
  /** What is removed in its place, by folder. */
  readonly #removing = new Map<string, Promise<void>>();

  constructor(options: FolderHomesOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#owners = new OutlivedOwners(options.files);
  }

  all(): HomeNote[] {
    return this.#files.scan().copies.flatMap((copy) => this.#files.note(copy) ?? []);
  }

  folder(copy: Copy): string {
    return this.#files.folder(copy);
  }

  async unused(): Promise<HomeNote[]> {
    const { unused, found, inUse } = await lookForUnused(this.#files, this.#inUse);
    this.#inUse = inUse;
    this.#owners.found(found.outliving);
    this.#unfinished ??= found.removed;
    return unused;
  }

  unusedOf(copy: Copy): HomeNote | undefined {
    const note = this.#files.note(copy);
    return note?.instance === undefined ? note : undefined;
  }

  has(owner: string): boolean {
    const found: FoundHomes = { copies: [], removed: [], outliving: [] };
    this.#files.scanOwner(owner, found);
    return found.copies.length > 0;
  }

  retain(home: HomeNote): void {
    const note = this.unusedOf(home); // It may have been taken into use meanwhile.
    if (note) this.#files.write({ ...note, isRetained: true });
  }

  setOutliving(owner: HomeOwner, isOutliving: boolean): void {
    this.#owners.set(owner, isOutliving);
    if (!isOutliving) this.#files.removeEmpty(owner.owner);
  }

  outlives(owner: string): boolean {
    return this.#owners.has(owner);
  }

  outlived(): HomeOwner[] {
    return this.#owners.all();
  }

  /** Starts a run of this copy, which may take up what an earlier Process of its name has left. Nobody removes the home meanwhile. */
  async enter<T>({ uid, copy }: Pick<LaunchSpec, "uid" | "copy">, start: () => Promise<T>): Promise<T> {
    const folder = this.#files.folder(copy);
    const removal = this.#removing.get(folder);
    if (removal !== undefined) await removal.catch(() => {}); // Whoever removes it tells why that failed.
    this.#entering.add(folder);
    try {
      this.#takeUp(uid, copy);
      return await start();
    } finally {
      this.#entering.delete(folder);
    }
  }

  /**
   * It leaves its place at once and whole; so whoever comes later finds none, and what a killed daemon did not finish is told from a home. Windows does not
   * let go of a folder in which somebody has a file open: then it is removed where it is, and a start waits.
   */
  async remove(copy: Copy): Promise<boolean> {
    const folder = this.#files.folder(copy);
    if (this.#entering.has(folder) || this.#files.note(copy)?.instance !== undefined) return false;
    if (!existsSync(folder)) return true;
    const aside = movedAside(folder, this.#files.aside(copy));
    const removal = this.#options.removeFolder(aside ?? folder);
    if (aside === undefined) this.#removing.set(folder, removal);
    try {
      await removal;
    } finally {
      this.#removing.delete(folder);
    }
    this.#files.removeEmpty(copy.owner);
    return true;
  }

  async finishRemovals(): Promise<void> {
    this.#unfinished ??= this.#files.scan().removed;
    for (const { path, owner } of this.#unfinished.splice(0)) {
      await this.#options.removeFolder(path);
      this.#files.removeEmpty(owner);
    }
  }

  isDiskFull(): boolean {
    return this.#files.isDiskFull();
  }

  async measure(copy: Copy, most: number): Promise<HomeSize> {
    const size = await measureFolder(this.#files.folder(copy), this.#options.openFolder, most);
    return { runs: this.#files.runs(copy), ...size };
  }

  /** The rename is the whole of it: the note says who the owner was, and its place says who it is. */
  #takeUp(uid: string, copy: NamedCopy): void {
    if (existsSync(this.#files.folder(copy))) return;
    const left = this.#owners
      .namesakesOf(copy)
      .flatMap(({ owner }) => this.unusedOf({ owner, index: copy.index }) ?? []);
    const [newest] = left.sort((a, b) => (b.releasedAt ?? "").localeCompare(a.releasedAt ?? ""));
    if (!newest) return;
    requireSameAccount(newest, copy, this.#files.folder(newest));
    try {
      this.#files.move(newest, copy);
    } catch (cause) {
      const from = this.#files.folder(newest);
      const message = `what an earlier process of this name has left in ${from} can't be taken up: ${(cause as Error).message}`;
      throw new StartError("SystemError", message, { cause });
    }
    const what = `its files and the output of ${count(this.#files.runs(copy), "run")}`;
    this.#options.onTakenUp(
      uid,
      `goes on with what an earlier process of this name (uid ${newest.owner}) left: ${what}`,
    );
  }
}

/** Who made the Process may never have been given the account of the earlier one, and would be given what that has written. Throws StartError. */
function requireSameAccount({ account: before }: HomeNote, { account }: NamedCopy, folder: string): void {
  if (before === undefined || account === undefined || before === account) return;
  const ways = `make the process as that account first and change it then, or remove what is left (wctl get homes, wctl delete home)`;
  const message = `what an earlier process of this name has left in ${folder} is of account ${before}: ${ways}`;
  throw new StartError("AccountNotAllowed", message);
}

/** Undefined: it stays where it is. */
function movedAside(folder: string, aside: string): string | undefined {
  try {
    renameSync(folder, aside);
    return aside;
  } catch {
    return undefined;
  }
}
