import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { InstanceFiles } from "../../runs/instance-files.ts";
import { StartError } from "../../runtime.ts";
import type { Account } from "./account.ts";
import { chooseNumber, FIRST, type Given, isNumber, LAST, parseGiven } from "./dynamic-numbers.ts";
import { numbersInUse } from "./numbers-in-use.ts";

/** `runAs.account: Dynamic` (docs/decisions/0004). */
export const DYNAMIC = "Dynamic";
/** So many numbers are given after one look at the machine. */
const GIVEN_PER_LOOK = 64;

/**
 * Gives each owner (a Process) a number of its own that no user has, and the same one ever after. The number is on disk before the first program has
 * it: one that is forgotten could be given to another owner, who would find the files of the first. Only the thread that starts processes gives
 * numbers.
 */
export class DynamicUsers {
  readonly #first: number;
  readonly #file: string;
  readonly #files: InstanceFiles;
  #given: Given | undefined;
  #inUse: ((number: number) => boolean) | undefined;
  #sinceLook = 0;

  /**
   * @param dataId decides where the numbers of this data directory begin: another daemon of this machine begins elsewhere
   * @param files owners of what is there are in use
   */
  constructor(dataDir: string, dataId: string, files: InstanceFiles) {
    this.#first = firstOf(dataId);
    this.#file = join(dataDir, "dynamic-users.json");
    this.#files = files;
  }

  /** Throws `StartError` when there is no number left, or the file is damaged or can't be written. */
  of(owner: string): Account {
    this.#given ??= this.#read();
    const number = this.#given.owners[owner] ?? this.#give(this.#given, owner);
    return dynamicAccount(number);
  }

  #give(before: Given, owner: string): number {
    if (this.#sinceLook % GIVEN_PER_LOOK === 0) this.#inUse = numbersInUse(this.#files);
    const choice = chooseNumber(before, owner, this.#inUse!);
    if (choice === "exhausted") {
      throw new StartError(
        "SystemError",
        "every number for dynamic accounts is in use: name an account in runAs.account",
      );
    }
    this.#write(choice.given);
    this.#given = choice.given;
    this.#sinceLook++;
    return choice.number;
  }

  #read(): Given {
    try {
      return parseGiven(readFileSync(this.#file, "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { last: this.#first, owners: {} };
      const advice = "restore it, or remove it when no Process has a dynamic account any more";
      throw new StartError("SystemError", `${this.#file} can't be used: ${(error as Error).message}; ${advice}`);
    }
  }

  /** Writes the file whole or not at all, and to the disk. */
  #write(given: Given): void {
    const draft = `${this.#file}.new`;
    try {
      writeFileSync(draft, `${JSON.stringify(given)}\n`, { mode: 0o600, flush: true });
      renameSync(draft, this.#file);
      const folder = openSync(dirname(this.#file), "r");
      fsyncSync(folder);
      closeSync(folder);
    } catch (error) {
      throw new StartError("SystemError", `${this.#file} can't be written: ${(error as Error).message}`);
    }
  }
}

const firstOf = (dataId: string): number => FIRST + (Number.parseInt(dataId.slice(0, 8), 16) % (LAST - FIRST + 1));

/** The account that a number stands for: it has no entry anywhere, no home and no shell. Throws `StartError` for a number that is not dynamic. */
export function dynamicAccount(number: number): Account {
  if (!isNumber(number)) throw new StartError("AccountNotFound", `${number} is not the number of a dynamic account`);
  const name = `wctl-${number}`;
  return { name, uid: number, gid: number, groups: [number], home: "/", shell: "/usr/sbin/nologin" };
}
