import { setImmediate as othersTurn } from "node:timers/promises";
import { ManifestError } from "../../manifest-error.ts";
import type { YamlDocument } from "../../yaml/yaml-document.ts";
import { type Manifest, objectsIn } from "../manifest.ts";
import { Budget, type Copies, DEEPEST_FOLDERS, widthOf } from "./budget.ts";
import { type Built, idOf, idText, withMetadata } from "./built.ts";
import type { Fields } from "./fields.ts";
import { addGenerated, type Generated, generated } from "./generators.ts";
import { KUSTOMIZATION_FILES, kustomizationIn } from "./kustomization-file.ts";
import { patched, patchesOf, placedInText } from "./patches.ts";
import { repositoryPath } from "./repository-path.ts";
import { setNamespace } from "./set-namespace.ts";

/** A repository, as far as it may be read. */
export interface BuildInput {
  /** By path from the root, with forward slashes and no leading one. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Rejects with ManifestError. Asked for what is referred to only, and for the inline text of patches. */
  readYaml(bytes: Uint8Array, file: string): Promise<YamlDocument[]>;
  /** The same without variables. Absent: there are none. */
  readAsWritten?(bytes: Uint8Array, file: string): Promise<YamlDocument[]>;
}

/** Files that a folder without a kustomization file is read from. */
const MANIFEST = /\.(ya?ml|json)(\.age)?$/i;

/**
 * The Objects of a folder (`""` is the root). One with a kustomization file is built by the part of kustomize that manifests/gitops/README.md names; one without
 * is read as it is, its folders too, and those of them that have a kustomization file are built. Pure, but for what `input` does; the work that
 * small files can ask for is bounded. Rejects with ManifestError, which names file and line, at the first fault.
 */
export async function buildFolder(input: BuildInput, folder: string): Promise<Manifest[]> {
  const builder = new Builder(input);
  const built = builder.isKustomized(folder) ? await builder.folder(folder, []) : await builder.plainFolder(folder);
  return built.map(({ manifest }) => manifest);
}

class Builder {
  readonly #input: BuildInput;
  readonly #budget = new Budget();
  readonly #folders: ReadonlySet<string>;

  constructor(input: BuildInput) {
    this.#input = input;
    this.#folders = new Set([...input.files.keys()].flatMap(foldersAbove));
  }

  isKustomized(folder: string): boolean {
    return this.#kustomizationsIn(folder).length > 0;
  }

  /** `above`: the folders that are being built, which refer to this one. */
  async folder(folder: string, above: readonly string[]): Promise<Built[]> {
    const fields = await this.#kustomization(folder);
    const refused = this.#budget.folder();
    if (refused) throw fields.refuse("", refused);
    const resources = await this.#resources(fields, folder, [...above, folder]);
    const patches = await this.#patched(fields, folder, await this.#generated(fields, folder, resources));
    await othersTurn();
    return distinct(this.#transformed(fields, patches));
  }

  async plainFolder(folder: string): Promise<Built[]> {
    const all: Built[] = [];
    const built = new Set<string>();
    for (const [path, bytes] of [...this.#input.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isBelow(path, folder)) continue;
      const kustomized = foldersAbove(path).find((one) => isBelow(one, folder) && this.isKustomized(one));
      if (kustomized === undefined) {
        if (MANIFEST.test(path)) all.push(...(await this.#file(path, bytes)));
      } else if (!built.has(kustomized)) {
        built.add(kustomized);
        all.push(...(await this.folder(kustomized, [])));
      }
    }
    return distinct(all);
  }

  #kustomizationsIn(folder: string): string[] {
    return KUSTOMIZATION_FILES.map((name) => below(folder, name)).filter((path) => this.#input.files.has(path));
  }

  async #kustomization(folder: string): Promise<Fields> {
    const [path = "", another] = this.#kustomizationsIn(folder);
    if (another !== undefined) throw wholeFile(another, `there is ${path} too: remove one of the two`);
    return kustomizationIn(await this.#documents(this.#bytes(path), path), path);
  }

  async #resources(fields: Fields, folder: string, building: readonly string[]): Promise<Built[]> {
    const all: Built[] = [];
    for (const [index, entry] of fields.texts("resources").entries()) {
      const field = `resources[${index}]`;
      const path = pathOf(fields, field, folder, entry);
      all.push(...(await this.#resource(fields, field, path, building)));
    }
    return all;
  }

  async #resource(fields: Fields, field: string, path: string, building: readonly string[]): Promise<Built[]> {
    const bytes = this.#input.files.get(path);
    if (bytes) {
      if (KUSTOMIZATION_FILES.includes(path.split("/").at(-1) ?? ""))
        throw fields.refuse(field, "name its folder instead");
      return this.#file(path, bytes, (problem) => fields.refuse(field, problem));
    }
    if (path !== "" && !this.#folders.has(path)) throw fields.refuse(field, `${path} is not in the repository`);
    if (building.includes(path))
      throw fields.refuse(field, `is a cycle: ${[...building, path].map(shown).join(" -> ")}`);
    if (!this.isKustomized(path)) throw fields.refuse(field, `${shown(path)} has no kustomization.yaml`);
    if (building.length >= DEEPEST_FOLDERS) throw fields.refuse(field, `is more than ${DEEPEST_FOLDERS} folders deep`);
    return this.folder(path, building);
  }

  async #file(
    path: string,
    bytes: Uint8Array,
    refuse: (problem: string) => ManifestError = (problem) => wholeFile(path, problem),
  ): Promise<Built[]> {
    if (path.endsWith(".age"))
      throw refuse(`${path} is sealed whole, which is not for what is built: seal the values of its Secrets instead`);
    const manifests = objectsIn(await this.#documents(bytes, path));
    const refused = this.#budget.objects(manifests.length);
    if (refused) throw refuse(refused);
    return manifests.map((manifest) => ({ manifest, earlier: [] }));
  }

  async #generated(fields: Fields, folder: string, resources: readonly Built[]): Promise<Built[]> {
    const made = await this.#generators(fields, folder);
    this.#compare(fields, made.length * (idsIn(resources) + made.length));
    const copies = this.#copiesFor(fields);
    let all = [...resources];
    for (const one of made) {
      all = addGenerated(all, one, copies);
      await othersTurn();
    }
    return all;
  }

  async #generators(fields: Fields, folder: string): Promise<Generated[]> {
    const fileOf = (of: Fields, field: string, entry: string): Uint8Array => {
      const path = pathOf(of, field, folder, entry);
      const bytes = this.#input.files.get(path);
      if (!bytes) throw of.refuse(field, `${path} is not in the repository`);
      this.#spend(of, bytes.length, 1);
      return bytes;
    };
    const general = fields.map("generatorOptions");
    const kinds = [
      ["ConfigMap", "configMapGenerator"],
      ["Secret", "secretGenerator"],
    ] as const;
    const made: Generated[] = [];
    for (const [kind, field] of kinds) {
      for (const entry of fields.maps(field)) {
        const one = generated(kind, entry, general, fileOf);
        this.#spend(entry, one.size, 1);
        made.push(one);
        await othersTurn();
      }
    }
    return made;
  }

  async #patched(fields: Fields, folder: string, before: readonly Built[]): Promise<Built[]> {
    let all = [...before];
    const entries = fields.maps("patches");
    const written = entries.some((entry) => entry.has("patch")) ? await this.#asWritten(fields) : fields;
    const texts = written.maps("patches").map((entry) => entry.text("patch"));
    for (const [index, entry] of entries.entries()) {
      for (const patch of patchesOf(entry, await this.#patchDocuments(entry, texts[index], folder))) {
        this.#compare(entry, idsIn(all) * patch.effort);
        const spend = (objects: number): void => this.#spend(entry, patch.size, objects);
        all = patched(all, patch, { spend, copies: this.#copiesFor(entry) });
        await othersTurn();
      }
    }
    return all;
  }

  /** An inline patch is YAML in a string: variables are put in when it is read, so that no value changes what the patch is made of. */
  async #asWritten(fields: Fields): Promise<Fields> {
    if (!this.#input.readAsWritten) return fields;
    const { file } = fields.document;
    return kustomizationIn(await this.#documents(this.#bytes(file), file, "readAsWritten"), file);
  }

  /** `text`: of an inline patch, as it is written. */
  async #patchDocuments(entry: Fields, text: string | undefined, folder: string): Promise<YamlDocument[]> {
    entry.only(["path", "patch", "target"], { options: "a patch must not change kinds or names" });
    const path = entry.text("path");
    if ((path === undefined) === (text === undefined)) throw entry.refuse("", "must have either path or patch");
    if (path !== undefined) {
      const file = pathOf(entry, "path", folder, path);
      if (!this.#input.files.has(file)) throw entry.refuse("path", `${file} is not in the repository`);
      return this.#documents(this.#bytes(file), file);
    }
    try {
      return await this.#documents(Buffer.from(text ?? ""), entry.document.file);
    } catch (error) {
      throw placedInText(entry, error);
    }
  }

  /** In kustomize's order. */
  #transformed(fields: Fields, before: readonly Built[]): Built[] {
    const namespace = fields.text("namespace");
    let all = namespace === undefined ? [...before] : setNamespace(before, namespace, this.#copiesFor(fields));
    for (const entry of fields.maps("labels")) {
      entry.only(["pairs", "includeSelectors", "includeTemplates"], { fields: "labels go to metadata.labels" });
      for (const flag of ["includeSelectors", "includeTemplates"]) {
        if (entry.flag(flag)) throw entry.refuse(flag, "must be false: labels go to metadata.labels only");
      }
      all = this.#withMetadata(entry, "labels", entry.pairs("pairs"), all);
    }
    return this.#withMetadata(fields, "annotations", fields.pairs("commonAnnotations"), all);
  }

  #withMetadata(
    fields: Fields,
    field: "labels" | "annotations",
    pairs: Record<string, string>,
    all: readonly Built[],
  ): Built[] {
    if (Object.keys(pairs).length === 0) return [...all];
    this.#spend(fields, JSON.stringify(pairs).length, all.length);
    const copies = this.#copiesFor(fields);
    return all.map((built) => {
      const { object } = built.manifest;
      copies(widthOf(object) + widthOf(object.metadata) + widthOf(object.metadata[field]));
      return withMetadata(built, field, pairs);
    });
  }

  #copiesFor(fields: Fields): Copies {
    return (members) => {
      const refused = this.#budget.copied(members);
      if (refused) throw fields.refuse("", refused);
    };
  }

  #spend(fields: Fields, characters: number, objects: number): void {
    const refused = this.#budget.added(characters, objects);
    if (refused) throw fields.refuse("", refused);
  }

  #compare(fields: Fields, count: number): void {
    const refused = this.#budget.comparisons(count);
    if (refused) throw fields.refuse("", refused);
  }

  #documents(bytes: Uint8Array, file: string, how: "readYaml" | "readAsWritten" = "readYaml"): Promise<YamlDocument[]> {
    const refused = this.#budget.read(bytes.length);
    if (refused) throw wholeFile(file, refused);
    return this.#input[how]?.(bytes, file) ?? this.#input.readYaml(bytes, file);
  }

  #bytes(path: string): Uint8Array {
    const bytes = this.#input.files.get(path);
    if (!bytes) throw wholeFile(path, "is not in the repository");
    return bytes;
  }
}

/** As kustomize has it: nothing is declared twice. */
function distinct(all: readonly Built[]): Built[] {
  const seen = new Map<string, Manifest>();
  for (const { manifest } of all) {
    const id = idOf(manifest.object);
    const key = JSON.stringify(id);
    const other = seen.get(key);
    if (other) {
      const problem = `${idText(id)} is declared in ${other.file}:${other.line} too: keep one of the two, or make one a patch`;
      throw wholeFile(manifest.file, problem, manifest.line);
    }
    seen.set(key, manifest);
  }
  return [...all];
}

/** As many as are compared with what a patch or a generator means. */
const idsIn = (all: readonly Built[]): number => all.reduce((count, { earlier }) => count + 1 + earlier.length, 0);

function pathOf(fields: Fields, field: string, folder: string, entry: string): string {
  const found = repositoryPath(folder, entry);
  if ("problem" in found) throw fields.refuse(field, found.problem);
  return found.path;
}

const wholeFile = (file: string, problem: string, line = 1): ManifestError =>
  new ManifestError({ file, document: 1, line, column: 1 }, problem);

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

const isBelow = (path: string, folder: string): boolean => folder === "" || path.startsWith(`${folder}/`);

/** The outermost first. */
const foldersAbove = (path: string): string[] => {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
};

const shown = (folder: string): string => folder || "the root of the repository";
