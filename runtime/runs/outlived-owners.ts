import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { isObject } from "../../lib/json-object.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import type { HomeOwner } from "../homes/homes.ts";
import type { HomeFiles } from "./home-files.ts";

/**
 * The Processes whose homes outlive them (`stateRetentionPolicy.whenDeleted: Retain`): a note lies beside the homes of each, because when its homes are
 * judged the Process is gone. Only one thread writes them.
 */
export class OutlivedOwners {
  readonly #files: HomeFiles;
  /** By owner. They are read when somebody asks for the first time. */
  #known: Map<string, HomeOwner> | undefined;
  /** By name of the Process: a start asks for namesakes, and most have none. */
  readonly #byName = new Map<string, HomeOwner[]>();

  constructor(files: HomeFiles) {
    this.#files = files;
  }

  all(): HomeOwner[] {
    return [...this.#read().values()];
  }

  has(owner: string): boolean {
    return this.#read().has(owner);
  }

  /** On the disk when it returns. */
  set({ owner, namespace, process }: HomeOwner, isOutliving: boolean): void {
    const known = this.#read();
    if (known.has(owner) === isOutliving) return;
    if (isOutliving) this.#write({ owner, namespace, process });
    else this.#remove(known.get(owner)!);
  }

  /** Owners of the same name, whose homes a new one takes up. */
  namesakesOf({ owner, namespace, process }: HomeOwner): HomeOwner[] {
    this.#read();
    const named = this.#byName.get(nameOf({ namespace, process })) ?? [];
    return named.filter((other) => other.owner !== owner);
  }

  #write(owner: HomeOwner): void {
    mkdirSync(this.#files.ownerFolder(owner.owner), { recursive: true, mode: 0o711 });
    replaceFile(this.#files.outlives(owner.owner), `${JSON.stringify(owner)}\n`);
    this.#remember(owner);
  }

  #remove(owner: HomeOwner): void {
    rmSync(this.#files.outlives(owner.owner), { force: true });
    this.#known?.delete(owner.owner);
    const name = nameOf(owner);
    const others = this.#byName.get(name)?.filter((other) => other.owner !== owner.owner) ?? [];
    if (others.length > 0) this.#byName.set(name, others);
    else this.#byName.delete(name);
  }

  #remember(owner: HomeOwner): void {
    this.#known?.set(owner.owner, owner);
    this.#byName.set(nameOf(owner), [...(this.#byName.get(nameOf(owner)) ?? []), owner]);
  }

  /** Spares the look for them: somebody has just seen who has a note. */
  found(owners: readonly string[]): void {
    if (!this.#known) this.#readAll(owners);
  }

  #read(): Map<string, HomeOwner> {
    return this.#known ?? this.#readAll(this.#files.scan().outliving);
  }

  #readAll(owners: readonly string[]): Map<string, HomeOwner> {
    const known = new Map<string, HomeOwner>();
    this.#known = known;
    for (const owner of owners.flatMap((one) => this.#readOne(one) ?? [])) this.#remember(owner);
    return known;
  }

  #readOne(owner: string): HomeOwner | undefined {
    let text: string;
    try {
      text = readFileSync(this.#files.outlives(owner), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      return { owner, ...NAMELESS };
    }
    return { owner, ...namesOf(text) };
  }
}

/** Of a note that is there and damaged: the homes stay, and nobody takes them up. */
const NAMELESS = { namespace: "", process: "" };

function namesOf(text: string): Pick<HomeOwner, "namespace" | "process"> {
  try {
    const note: unknown = JSON.parse(text);
    if (isObject(note) && typeof note.namespace === "string" && typeof note.process === "string") {
      return { namespace: note.namespace, process: note.process };
    }
  } catch {
    // Damaged.
  }
  return NAMELESS;
}

const nameOf = ({ namespace, process }: Pick<HomeOwner, "namespace" | "process">): string => `${namespace}/${process}`;
