import { isObject } from "../../../lib/json-object.ts";

/** What a build may cost, whatever small files ask for. */
const MOST_FOLDERS = 500;
const MOST_OBJECTS = 10_000;
/** Of what patches, labels and generators put into Objects, in characters. */
const MOST_ADDED = 32 * 1024 * 1024;
/** Bytes of YAML, those of a file each time that it is read. */
const MOST_READ = 64 * 1024 * 1024;
/** Each patch and each generator is held against each Object: about a second. */
const MOST_COMPARISONS = 2_000_000;
/** Members of maps and lists, as each change copies what it is made in: some seconds where the maps are large. */
const MOST_COPIED = 2_000_000;
export const DEEPEST_FOLDERS = 32;

/** Each method returns what is wrong when there is no more of it. */
export class Budget {
  #folders = 0;
  #objects = 0;
  #added = 0;
  #read = 0;
  #comparisons = 0;
  #copied = 0;

  folder(): string | undefined {
    return ++this.#folders > MOST_FOLDERS ? `more than ${MOST_FOLDERS} folders are built` : undefined;
  }

  objects(count: number): string | undefined {
    this.#objects += count;
    return this.#objects > MOST_OBJECTS ? `more than ${MOST_OBJECTS} Objects are read` : undefined;
  }

  comparisons(count: number): string | undefined {
    this.#comparisons += count;
    return this.#comparisons > MOST_COMPARISONS ? "too many patches and generators for so many Objects" : undefined;
  }

  copied(members: number): string | undefined {
    this.#copied += members;
    return this.#copied > MOST_COPIED ? "too many changes of maps and lists that are so large" : undefined;
  }

  read(bytes: number): string | undefined {
    this.#read += bytes;
    return this.#read > MOST_READ ? `more than ${MOST_READ} bytes of YAML are read` : undefined;
  }

  /** `characters` are put into each of `objects` Objects. */
  added(characters: number, objects = 1): string | undefined {
    this.#added += characters * objects;
    return this.#added > MOST_ADDED ? `more than ${MOST_ADDED} characters are put into Objects` : undefined;
  }
}

/** Throws when there has been too much. */
export type Copies = (members: number) => void;

/** What a copy of it alone has to copy. */
export const widthOf = (value: unknown): number =>
  Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;
