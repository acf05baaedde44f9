import { ManifestError } from "../../manifest-error.ts";
import type { YamlDocument } from "../../yaml/yaml-document.ts";
import type { Budget } from "./budget.ts";
import type { Fields } from "./fields.ts";
import { KUSTOMIZATION_FILES, kustomizationIn } from "./kustomization-file.ts";
import { foldersAbove, repositoryPath } from "./repository-path.ts";

/** A repository, as far as it may be read. */
export interface BuildInput {
  /** By path from the root, with forward slashes and no leading one. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Rejects with ManifestError. Asked for what is referred to only, and for the inline text of patches. */
  readYaml(bytes: Uint8Array, file: string): Promise<YamlDocument[]>;
  /** The same without variables. Absent: there are none. */
  readAsWritten?(bytes: Uint8Array, file: string): Promise<YamlDocument[]>;
}

/** Finds and reads what kustomization files name. Throws and rejects with ManifestError. */
export class Repository {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly #input: BuildInput;
  readonly #budget: Budget;
  readonly #folders: ReadonlySet<string>;

  constructor(input: BuildInput, budget: Budget) {
    this.files = input.files;
    this.#input = input;
    this.#budget = budget;
    this.#folders = new Set([...input.files.keys()].flatMap(foldersAbove));
  }

  hasFolder(path: string): boolean {
    return path === "" || this.#folders.has(path);
  }

  isKustomized(folder: string): boolean {
    return this.#kustomizationsIn(folder).length > 0;
  }

  async kustomization(folder: string): Promise<Fields> {
    const [path = "", another] = this.#kustomizationsIn(folder);
    if (another !== undefined) throw wholeFile(another, `there is ${path} too: remove one of the two`);
    return kustomizationIn(await this.documents(this.#bytes(path), path), path);
  }

  /** The same kustomization before variables were put in. */
  async asWritten(fields: Fields): Promise<Fields> {
    if (!this.#input.readAsWritten) return fields;
    const { file } = fields.document;
    return kustomizationIn(await this.documents(this.#bytes(file), file, "readAsWritten"), file);
  }

  documents(bytes: Uint8Array, file: string, how: "readYaml" | "readAsWritten" = "readYaml"): Promise<YamlDocument[]> {
    const refused = this.#budget.read(bytes.length);
    if (refused) throw wholeFile(file, refused);
    return this.#input[how]?.(bytes, file) ?? this.#input.readYaml(bytes, file);
  }

  /** The file that a field of a kustomization in `folder` names. */
  fileOf(fields: Fields, field: string, folder: string, entry: string): { path: string; bytes: Uint8Array } {
    const path = pathOf(fields, field, folder, entry);
    const bytes = this.files.get(path);
    if (!bytes) throw fields.refuse(field, `${path} is not in the repository`);
    return { path, bytes };
  }

  #kustomizationsIn(folder: string): string[] {
    return KUSTOMIZATION_FILES.map((name) => (folder === "" ? name : `${folder}/${name}`)).filter((path) =>
      this.files.has(path),
    );
  }

  #bytes(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw wholeFile(path, "is not in the repository");
    return bytes;
  }
}

export function pathOf(fields: Fields, field: string, folder: string, entry: string): string {
  const found = repositoryPath(folder, entry);
  if ("problem" in found) throw fields.refuse(field, found.problem);
  return found.path;
}

export const wholeFile = (file: string, problem: string, line = 1): ManifestError =>
  new ManifestError({ file, document: 1, line, column: 1 }, problem);
