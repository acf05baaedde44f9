import { badRequest } from "../../api/errors.ts";
import { parseJson } from "../../api/json/parse-json.ts";
import { ManifestError } from "../../api/manifest-error.ts";
import { systemClock } from "../../lib/clock.ts";

/** Larger YAML is parsed in a thread of its own, which starts only when a client sends some; most clients send JSON. */
let yaml: { readYaml(bytes: Uint8Array, file: string): Promise<{ value: unknown }[]> } | undefined;

/** The parser is loaded only when a client sends YAML. */
export async function parseYaml(bytes: Uint8Array): Promise<unknown> {
  const { UnreadYaml, YamlThread } = await import("../../api/yaml/yaml-thread.ts");
  yaml ??= new YamlThread(systemClock);
  try {
    const [document, ...more] = await yaml.readYaml(bytes, "body");
    if (more.length > 0) throw badRequest("the body must be one YAML document");
    return document?.value;
  } catch (error) {
    if (error instanceof ManifestError) throw badRequest(error.message, error);
    throw error instanceof UnreadYaml ? badRequest(`the body could not be read: ${error.message}`, error) : error;
  }
}

const OPENING_BRACE = "{".charCodeAt(0);

/** JSON is YAML; most clients send it, and it is read much faster. */
export async function parseJsonOrYaml(bytes: Uint8Array): Promise<unknown> {
  if (bytes[0] !== OPENING_BRACE) return parseYaml(bytes);
  try {
    return parseJson(bytes);
  } catch {
    return parseYaml(bytes);
  }
}
