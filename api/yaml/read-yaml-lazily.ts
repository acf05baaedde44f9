import type { YamlReading } from "./composed.ts";
import { readSimple } from "./simple/read-simple.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { yamlText } from "./yaml-text.ts";

/** As `readYaml`, for programs that start: the `yaml` package is loaded only for what is not simple. */
export async function readYamlLazily(
  source: string | Uint8Array,
  file: string,
  reading?: YamlReading,
): Promise<YamlDocument[]> {
  const text = yamlText(source, file);
  return readSimple(text, file, reading) ?? (await import("./read-yaml.ts")).readYaml(text, file, reading);
}
