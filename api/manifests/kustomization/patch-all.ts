import { setImmediate as othersTurn } from "node:timers/promises";
import type { YamlDocument } from "../../yaml/yaml-document.ts";
import { type Built, idsIn } from "./built.ts";
import type { Fields } from "./fields.ts";
import { patched, patchesOf, placedInText } from "./patches.ts";
import type { Repository } from "./repository.ts";
import type { Spending } from "./spending.ts";

/** The Objects with the patches of a kustomization in them, in order. Rejects with ManifestError. */
export async function withPatches(
  fields: Fields,
  folder: string,
  before: readonly Built[],
  { repository, spending }: { repository: Repository; spending: Spending },
): Promise<Built[]> {
  let all = [...before];
  const entries = fields.maps("patches");
  // An inline patch is YAML in a string: variables are put in when it is read, so that no value changes what the patch is made of.
  const written = entries.some((entry) => entry.has("patch")) ? await repository.asWritten(fields) : fields;
  const texts = written.maps("patches").map((entry) => entry.text("patch"));
  for (const [index, entry] of entries.entries()) {
    for (const patch of patchesOf(entry, await documentsOf(entry, texts[index], folder, repository))) {
      spending.comparisons(entry, idsIn(all) * patch.effort);
      const spend = (objects: number): void => spending.added(entry, patch.size, objects);
      all = patched(all, patch, { spend, copies: spending.copiesFor(entry) });
      await othersTurn();
    }
  }
  return all;
}

/** `text`: of an inline patch, as it is written. */
async function documentsOf(
  entry: Fields,
  text: string | undefined,
  folder: string,
  repository: Repository,
): Promise<YamlDocument[]> {
  entry.only(["path", "patch", "target"], { options: "a patch must not change kinds or names" });
  const path = entry.text("path");
  if ((path === undefined) === (text === undefined)) throw entry.refuse("", "must have either path or patch");
  if (path !== undefined) {
    const { path: file, bytes } = repository.fileOf(entry, "path", folder, path);
    return repository.documents(bytes, file);
  }
  try {
    return await repository.documents(Buffer.from(text ?? ""), entry.document.file);
  } catch (error) {
    throw placedInText(entry, error);
  }
}
