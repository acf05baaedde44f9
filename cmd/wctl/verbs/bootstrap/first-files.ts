import { printValue } from "../../printers/print-value.ts";
import { firstManifest, type Plan } from "./plan.ts";

const HEAD =
  "# Written by wctl bootstrap git. What lies in this folder is applied to the host that follows it,\n# and what is taken out of it again is pruned.\n";

/** By path, from the root of the repository. */
export async function firstFiles(plan: Pick<Plan, "name">, folder: string): Promise<Record<string, string>> {
  const text = await printValue("yaml", firstManifest(plan, folder));
  return { [`${folder === "" ? "" : `${folder}/`}about.yaml`]: HEAD + text };
}
