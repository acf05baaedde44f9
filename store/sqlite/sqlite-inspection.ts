import { statSync } from "node:fs";
import type { Version } from "../journal.ts";
import type { StoreHealth } from "../store.ts";
import { damaged, isLocked, isUnreachable, tooNew } from "./errors.ts";
import { APPLICATION_ID, FORMAT, type Meta, metaChecksum, schema, versionChecksum } from "./format.ts";
import { type Mark, readMark } from "./high-water-mark.ts";
import { type Database, DatabaseSync } from "./node-sqlite.ts";

const READ_ROWS = 256;
const READ_CHARACTERS = 256 * 1024;

/** True when no store was ever here. A file that vanished or was emptied is not new but damaged. */
export const isNewStore = (file: string, markFile: string): boolean =>
  sizeOf(file) === undefined && !sizeOf(`${file}-wal`) && sizeOf(markFile) === undefined;

/**
 * Reads a store from end to end without changing it. It collects what is wrong instead of stopping at it (P12), and checks the file and its
 * neighbours, SQLite's own quick_check, format and schema, the checksum of each row, their count and digest, and the last acknowledged revision.
 */
export class SqliteInspection {
  readonly #file: string;
  readonly #problems: string[] = [];
  readonly #mark: Mark | null | undefined;
  #verdict: (StoreHealth & { ok: false }) | undefined;
  #database: Database | undefined;
  #meta: Meta | undefined;
  #format = 0;
  #rows: Generator<Version>;
  #seen = { count: 0, digest: 0, revision: 0 };

  constructor(file: string, markFile: string) {
    this.#file = file;
    this.#mark = readMark(markFile);
    this.#checkHeader();
    const isReadable = this.#database !== undefined && !this.#verdict;
    if (isReadable) this.#checkContent();
    this.#rows = isReadable ? this.#versions() : nothing();
  }

  get health(): StoreHealth {
    if (this.#verdict) return this.#verdict;
    return this.#problems.length > 0 ? damaged(this.#file, this.#problems) : { ok: true };
  }

  get meta(): Meta | undefined {
    return this.#meta;
  }

  /** One of FORMAT, once the header was read. */
  get format(): number {
    return this.#format;
  }

  /** The highest revision that the file, the mark or a row knows of. */
  get revision(): number {
    return Math.max(this.#meta?.revision ?? 0, this.#mark?.revision ?? 0, this.#seen.revision);
  }

  /** Empty when there are no more; then the verdict is complete. */
  read(): Version[] {
    const batch: Version[] = [];
    let characters = 0;
    while (batch.length < READ_ROWS && characters < READ_CHARACTERS) {
      const next = this.#rows.next();
      if (next.done) break;
      batch.push(next.value);
      characters += next.value[2]?.length ?? 0;
    }
    if (batch.length === 0) this.#checkTotals();
    return batch;
  }

  close(): void {
    this.#rows = nothing();
    this.#database?.close();
    this.#database = undefined;
  }

  #open(): Database {
    const size = sizeOf(this.#file);
    if (size === undefined)
      throw new Error(
        `the file is missing, although ${this.#mark === undefined ? "its write-ahead log" : "store.id"} is there`,
      );
    if (size === 0) throw new Error("the file is empty (0 bytes)");
    return new DatabaseSync(this.#file, { readOnly: true, timeout: 1_000 });
  }

  /** Throws when the file cannot be reached at all, which is not damage. */
  #checkHeader(): void {
    try {
      this.#database = this.#open();
      this.#checkFormat();
    } catch (error) {
      if (isUnreachable(error)) throw error;
      this.#note("its header", error);
    }
  }

  #checkFormat(): void {
    const application = this.#number("PRAGMA application_id");
    if (application !== APPLICATION_ID) throw new Error(`it is not a wctl store (application id ${application})`);
    const format = this.#number("PRAGMA user_version");
    this.#format = format;
    if (format > FORMAT.scrubbed) this.#verdict = tooNew(this.#file, format, FORMAT.scrubbed);
    else if (format < FORMAT.json) throw new Error(`format ${format} does not exist`);
    else this.#checkPrograms();
  }

  /** Reading a view runs what somebody wrote into the file, which need not end. No store has one, nor a trigger. */
  #checkPrograms(): void {
    const found = this.#all("SELECT type FROM sqlite_schema WHERE type IN ('view', 'trigger')");
    if (found.length > 0) this.#verdict = damaged(this.#file, [`it has a ${found[0]?.type}, which no wctl store has`]);
  }

  #checkContent(): void {
    this.#try("its schema", () => {
      const found = this.#all("SELECT sql FROM sqlite_schema ORDER BY name").map((row) => row.sql);
      if (found.join("\n") !== schema.join("\n")) throw new Error("is not the one of a wctl store");
    });
    this.#try("its pages", () => {
      const found = this.#all("PRAGMA quick_check(3)").map((row) => String(row.quick_check));
      if (found.join() !== "ok") throw new Error(found.join(", ").replaceAll("\n", " "));
    });
    this.#try("its meta row", () => {
      const [row, ...more] = this.#all("SELECT * FROM meta") as unknown as (Meta & { checksum: number })[];
      if (!row || more.length > 0) throw new Error(`found ${row ? more.length + 1 : 0} of 1`);
      if (row.checksum !== metaChecksum(row)) throw new Error("checksum does not match");
      this.#meta = row;
    });
  }

  /** Every good row in order. When SQLite cannot go on at a damaged page, reads what lies behind it from the other end. */
  *#versions(): Generator<Version> {
    const forward = "SELECT revision, path, json, checksum FROM versions ORDER BY revision";
    if (yield* this.#scan(forward)) return;
    const backward = `SELECT revision, path, json, checksum FROM versions WHERE revision > ${this.#seen.revision} ORDER BY revision DESC`;
    yield* [...this.#scan(backward)].reverse();
  }

  *#scan(query: string): Generator<Version, boolean> {
    try {
      for (const row of this.#database?.prepare(query).iterate() ?? []) {
        const version = this.#examine(row as Record<string, unknown>);
        if (version) yield version;
      }
      return true;
    } catch (error) {
      this.#note(`after revision ${this.#seen.revision}`, error);
      return false;
    }
  }

  #examine({ revision, path, json, checksum }: Record<string, unknown>): Version | undefined {
    const version = [revision, path, json] as Version;
    const shaped =
      typeof revision === "number" && typeof path === "string" && (typeof json === "string" || json === null);
    if (!shaped || versionChecksum(version) !== checksum) {
      this.#problems.push(`revision ${revision} (${path}): checksum does not match`);
      return undefined;
    }
    this.#seen.count += 1;
    this.#seen.digest ^= checksum;
    this.#seen.revision = Math.max(this.#seen.revision, revision);
    return version;
  }

  #checkTotals(): void {
    const { count, digest, revision } = this.#seen;
    const meta = this.#meta;
    if (!meta || this.#problems.length > 0 || this.#verdict) return;
    if (count !== meta.count || digest !== meta.digest) {
      this.#problems.push(
        `${count} versions were found, ${meta.count} were written${count === meta.count ? ", not these" : ""}`,
      );
    }
    if (revision > meta.revision) this.#problems.push(`revision ${revision} is beyond the last one, ${meta.revision}`);
    if (this.#mark && this.#mark.id !== meta.id) this.#problems.push("store.id beside it belongs to another store");
    else if (this.#mark && this.#mark.revision > meta.revision) {
      this.#problems.push(
        `it ends at revision ${meta.revision}, but writes up to ${this.#mark.revision} were acknowledged: the newest are missing`,
      );
    }
  }

  #all(query: string): Record<string, unknown>[] {
    return (this.#database?.prepare(query).all() ?? []) as Record<string, unknown>[];
  }

  #number(pragma: string): number {
    return Number(Object.values(this.#all(pragma)[0] ?? {})[0]);
  }

  /** When another program keeps us out, that says nothing about the file: it is no damage, but the end of the inspection. */
  #note(what: string, error: unknown): void {
    if (isLocked(error)) throw error;
    this.#problems.push(`${what}: ${(error as Error).message}`);
  }

  #try(what: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#note(what, error);
    }
  }
}

function* nothing(): Generator<Version> {}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
