import { setImmediate as othersTurn } from "node:timers/promises";
import type { ManifestError } from "../../manifest-error.ts";
import { type Manifest, objectsIn } from "../manifest.ts";
import { DEEPEST_FOLDERS } from "./budget.ts";
import type { Built } from "./built.ts";
import { distinct } from "./distinct.ts";
import type { Fields } from "./fields.ts";
import { withGenerated } from "./generate.ts";
import { KUSTOMIZATION_FILES } from "./kustomization-file.ts";
import { withPatches } from "./patch-all.ts";
import { type BuildInput, pathOf, Repository, wholeFile } from "./repository.ts";
import { foldersAbove, isBelow } from "./repository-path.ts";
import { Spending } from "./spending.ts";
import { transformed } from "./transform.ts";

/** Files that a folder without a kustomization file is read from. */
const MANIFEST = /\.(ya?ml|json)(\.age)?$/i;

/**
 * The Objects of a folder (`""` is the root). One with a kustomization file is built by the part of kustomize that manifests/gitops/README.md names; one without
 * is read as it is, its folders too, and those of them that have a kustomization file are built. Pure, but for what `input` does; the work that
 * small files can ask for is bounded. Rejects with ManifestError, which names file and line, at the first fault.
 */
export async function buildFolder(input: BuildInput, folder: string): Promise<Manifest[]> {
  const builder = new Builder(input);
  return (await builder.build(folder)).map(({ manifest }) => manifest);
}

class Builder {
  readonly #spending = new Spending();
  readonly #repository: Repository;

  constructor(input: BuildInput) {
    this.#repository = new Repository(input, this.#spending.budget);
  }

  build(folder: string): Promise<Built[]> {
    return this.#repository.isKustomized(folder) ? this.#folder(folder, []) : this.#plainFolder(folder);
  }

  /** `above`: the folders that are being built, which refer to this one. */
  async #folder(folder: string, above: readonly string[]): Promise<Built[]> {
    const means = { repository: this.#repository, spending: this.#spending };
    const fields = await this.#repository.kustomization(folder);
    this.#spending.folder(fields);
    const resources = await this.#resources(fields, folder, [...above, folder]);
    const all = await withPatches(fields, folder, await withGenerated(fields, folder, resources, means), means);
    await othersTurn();
    return distinct(transformed(fields, all, this.#spending));
  }

  async #plainFolder(folder: string): Promise<Built[]> {
    const all: Built[] = [];
    const built = new Set<string>();
    for (const [path, bytes] of [...this.#repository.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isBelow(path, folder)) continue;
      const isBuilt = (one: string): boolean => isBelow(one, folder) && this.#repository.isKustomized(one);
      const kustomized = foldersAbove(path).find(isBuilt);
      if (kustomized === undefined) {
        if (MANIFEST.test(path)) all.push(...(await this.#file(path, bytes)));
      } else if (!built.has(kustomized)) {
        built.add(kustomized);
        all.push(...(await this.#folder(kustomized, [])));
      }
    }
    return distinct(all);
  }

  async #resources(fields: Fields, folder: string, building: readonly string[]): Promise<Built[]> {
    const all: Built[] = [];
    for (const [index, entry] of fields.texts("resources").entries()) {
      const field = `resources[${index}]`;
      const path = pathOf(fields, field, folder, entry);
      const refuse = (problem: string): ManifestError => fields.refuse(field, problem);
      all.push(...(await this.#resource(path, building, refuse)));
    }
    return all;
  }

  async #resource(path: string, building: readonly string[], refuse: Refuse): Promise<Built[]> {
    const bytes = this.#repository.files.get(path);
    if (bytes) {
      if (KUSTOMIZATION_FILES.includes(path.split("/").at(-1) ?? "")) throw refuse("name its folder instead");
      return this.#file(path, bytes, refuse);
    }
    if (!this.#repository.hasFolder(path)) throw refuse(`${path} is not in the repository`);
    if (building.includes(path)) throw refuse(`is a cycle: ${[...building, path].map(shown).join(" -> ")}`);
    if (!this.#repository.isKustomized(path)) throw refuse(`${shown(path)} has no kustomization.yaml`);
    if (building.length >= DEEPEST_FOLDERS) throw refuse(`is more than ${DEEPEST_FOLDERS} folders deep`);
    return this.#folder(path, building);
  }

  async #file(path: string, bytes: Uint8Array, refuse: Refuse = (problem) => wholeFile(path, problem)) {
    if (path.endsWith(".age"))
      throw refuse(`${path} is sealed whole, which is not for what is built: seal the values of its Secrets instead`);
    const manifests = objectsIn(await this.#repository.documents(bytes, path));
    const refused = this.#spending.budget.objects(manifests.length);
    if (refused) throw refuse(refused);
    return manifests.map((manifest): Built => ({ manifest, earlier: [] }));
  }
}

/** What to throw. */
type Refuse = (problem: string) => ManifestError;

const shown = (folder: string): string => folder || "the root of the repository";
