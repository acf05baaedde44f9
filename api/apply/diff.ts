import type { JsonObject } from "../../lib/json-object.ts";
import { unifiedDiff } from "../../lib/unified-diff.ts";
import type { KubeObject } from "../object.ts";
import { toYaml } from "../yaml/to-yaml.ts";
import { shownPair } from "./shown.ts";

/**
 * What an apply would change, as a unified diff of YAML in the manner of `kubectl diff`; empty when nothing would. `live` is undefined
 * for an Object that would be created. Values of Secrets are masked. Pure.
 */
export function diffObjects(live: KubeObject | undefined, merged: KubeObject): string {
  const [before, after] = shownPair(live, merged);
  const lines = unifiedDiff(before ? yamlLines(before) : [], yamlLines(after));
  if (lines.length === 0) return "";
  const { namespace, name } = merged.metadata;
  // In one line: no server has judged yet what belongs to a Namespace that is not there.
  const file = [merged.apiVersion.replace("/", "."), merged.kind, namespace ?? "", name].join(".").replace(/\s/g, " ");
  return [`--- LIVE/${file}`, `+++ MERGED/${file}`, ...lines, ""].join("\n");
}

const yamlLines = (value: KubeObject): string[] =>
  toYaml(value as unknown as JsonObject)
    .replace(/\n$/, "")
    .split("\n");
