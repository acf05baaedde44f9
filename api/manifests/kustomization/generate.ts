import { setImmediate as othersTurn } from "node:timers/promises";
import { addGenerated } from "./add-generated.ts";
import { type Built, idsIn } from "./built.ts";
import type { Fields } from "./fields.ts";
import type { FileOf } from "./generator-values.ts";
import { type Generated, generated } from "./generators.ts";
import type { Repository } from "./repository.ts";
import type { Spending } from "./spending.ts";

const KINDS = [
  ["ConfigMap", "configMapGenerator"],
  ["Secret", "secretGenerator"],
] as const;

/** What the generators of a kustomization make, beside the Objects of its resources or in them. Rejects with ManifestError. */
export async function withGenerated(
  fields: Fields,
  folder: string,
  resources: readonly Built[],
  { repository, spending }: { repository: Repository; spending: Spending },
): Promise<Built[]> {
  const fileOf: FileOf = (of, field, entry) => {
    const { bytes } = repository.fileOf(of, field, folder, entry);
    spending.added(of, bytes.length);
    return bytes;
  };
  const made = await generatedBy(fields, fileOf, spending);
  spending.comparisons(fields, made.length * (idsIn(resources) + made.length));
  let all = [...resources];
  for (const one of made) {
    all = addGenerated(all, one, spending.copiesFor(fields));
    await othersTurn();
  }
  return all;
}

async function generatedBy(fields: Fields, fileOf: FileOf, spending: Spending): Promise<Generated[]> {
  const general = fields.map("generatorOptions");
  const made: Generated[] = [];
  for (const [kind, field] of KINDS) {
    for (const entry of fields.maps(field)) {
      const one = generated(kind, entry, general, fileOf);
      spending.added(entry, one.size);
      made.push(one);
      await othersTurn();
    }
  }
  return made;
}
