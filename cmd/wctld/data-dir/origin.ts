import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory } from "../../../lib/sync-directory.ts";

/** Which file on which machine: what a copy cannot have in common with its original. Numbers are in decimal digits. */
export interface Origin {
  inode: string;
  /** Nanoseconds since 1970. Absent where the system does not tell it. */
  birth?: string;
  /** A hash of the machine's id. Absent where there is none that lasts, as in a container. */
  machine?: string;
}

/** `changed`: when the file was changed last, in nanoseconds since 1970; absent where there is no `birth`. */
export interface Found extends Origin {
  changed?: string;
}

/**
 * Why a data directory is a copy; undefined when it is the original. Pure. The number of the device does not count, because it may change with a
 * restart. A birth that is also the last change may be what Node shows where the system knows no birth, so it says nothing.
 */
export function whyCopied(written: Origin, found: Found): string | undefined {
  const isBorn = written.birth !== undefined && found.birth !== undefined && found.birth !== found.changed;
  if (written.inode !== found.inode || (isBorn && written.birth !== found.birth)) {
    return "its files are not the ones that its daemon made";
  }
  const isElsewhere = written.machine !== undefined && found.machine !== undefined && written.machine !== found.machine;
  return isElsewhere ? "its daemon ran on another machine" : undefined;
}

/** The file `origin.json` of a data directory. It says which file it is itself, so that a copy of it says what is not true. */
export class OriginFile {
  readonly #file: string;
  readonly #machine: string | undefined;

  /** `machine`: a hash of the machine's id, where there is one that lasts. */
  constructor(dataDir: string, machine: string | undefined) {
    this.#file = join(dataDir, "origin.json");
    this.#machine = machine;
  }

  /** False before the first start of a version that writes it. */
  get exists(): boolean {
    return existsSync(this.#file);
  }

  /** True before the first start of a version that writes it, or that knows the machine. */
  get isToBeWritten(): boolean {
    return !this.exists || (this.#machine !== undefined && this.#read((written) => written?.machine) === undefined);
  }

  /** Why the directory is a copy; undefined when it is the original. */
  whyCopied(): string | undefined {
    return this.#read((written, found) =>
      written ? whyCopied(written, found) : "its origin.json is damaged, so nobody can tell",
    );
  }

  /** From now on the directory is an original. Whole or not at all, and on disk when it returns. */
  write(): void {
    const draft = `${this.#file}.${randomBytes(6).toString("hex")}.tmp`;
    const fd = openSync(draft, "wx", 0o600);
    try {
      const { changed: _, ...origin } = this.#found(fd);
      writeFileSync(fd, `${JSON.stringify({ version: 1, ...origin })}\n`, { flush: true });
      renameSync(draft, this.#file); // It stays the same file.
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    syncDirectory(dirname(this.#file));
  }

  #read<T>(judge: (written: Origin | undefined, found: Found) => T): T {
    const fd = openSync(this.#file, "r");
    try {
      return judge(parse(readFileSync(fd, "utf8")), this.#found(fd));
    } finally {
      closeSync(fd);
    }
  }

  #found(fd: number): Found {
    const { ino, birthtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
    const machine = this.#machine;
    // NTFS numbers a file for good, and gives a name that comes back the birth of the file that had it before.
    const isToldBirth = process.getuid !== undefined && birthtimeNs > 0n;
    return {
      inode: `${ino}`,
      ...(isToldBirth && { birth: `${birthtimeNs}`, changed: `${ctimeNs}` }),
      ...(machine !== undefined && { machine }),
    };
  }
}

function parse(text: string): Origin | undefined {
  try {
    const { version, inode, birth, machine } = JSON.parse(text) as Record<string, unknown>;
    const texts = [inode, birth ?? "", machine ?? ""];
    if (version !== 1 || inode === undefined || !texts.every((one) => typeof one === "string")) return undefined;
    return { inode, ...(birth !== undefined && { birth }), ...(machine !== undefined && { machine }) } as Origin;
  } catch {
    return undefined;
  }
}
