import { readFileSync } from "node:fs";
import { schemas } from "../../../api/schemas.generated.ts";
import type { DaemonConfig } from "../../../api/types.generated.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { prune, type UnknownField } from "../../../apiserver/admission/prune.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../apiserver/admission/validate.ts";
import { limitCauses } from "../../../apiserver/validation/resources.ts";
import { accountError } from "../../../apiserver/validation/run-as.ts";
import { portRange } from "../../../controllers/instance/ports/port-numbers.ts";
import { isObject } from "../../../lib/json-object.ts";
import { nearest } from "../../../lib/near-miss.ts";
import type { PathTrust } from "../../../lib/path-trust.ts";
import { UsageError } from "./options.ts";

/** For people: what is wanted of a file or folder that says what the daemon does. */
export const KEEP_IT_SAFE =
  "whoever writes there decides what the daemon runs, so only its own account and administrators may; keep it in a folder of theirs";

const schema = schemas.DaemonConfig as unknown as Schema;

/**
 * Reads and checks the file of `--config`. Throws UsageError that names file, line and field; also when others than administrators and this
 * account could have written it (`allowPrivileged` is in it).
 */
export function readConfig(file: string, trust: PathTrust): DaemonConfig {
  const why = trust.ofPath(file);
  if (why !== undefined) {
    throw new UsageError(`--config: ${file} is not read, because ${why}: ${KEEP_IT_SAFE}`);
  }
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch (error) {
    throw new UsageError(`--config: cannot read ${file}: ${(error as Error).message}`);
  }
  return parseConfig(text, file);
}

export function parseConfig(text: string | Uint8Array, file: string): DaemonConfig {
  const documents = yamlOf(text, file);
  const [document] = documents;
  if (!document) return {};
  if (documents.length > 1) throw new UsageError(`${file}: expected one document, found ${documents.length}`);
  if (!isObject(document.value)) {
    throw new UsageError(`${file}: expected a map of fields, as in "logLevel: info"`);
  }
  const unknown: UnknownField[] = [];
  const known = prune(document.value, schema, "", unknown);
  const problems = [
    ...unknown.map(({ path, name, known: names }) => ({ field: path, message: unknownField(name, names) })),
    ...validateSchema(known, schema, "").map(({ field, message }) => ({ field, message })),
  ];
  if (problems.length === 0) problems.push(...meaningless(known as DaemonConfig));
  if (problems.length === 0) return known as DaemonConfig;
  const lines = problems.map(({ field, message }) => {
    const place = document.lineOf(field);
    return `${file}${place ? `:${place.line}` : ""}: ${field}: ${message}`;
  });
  throw new UsageError(lines.join("\n"));
}

/** What the schema can't say. */
function meaningless({ defaults, ports }: DaemonConfig): { field: string; message: string }[] {
  const limits = defaults?.resources?.limits;
  const message = defaults?.runAs === undefined ? undefined : accountError(defaults.runAs);
  const [from, to] = portRange(ports?.range);
  return [
    ...(from <= to && to <= 65_535
      ? []
      : [{ field: "ports.range", message: "must be two ports, the lower one first" }]),
    ...(message === undefined ? [] : [{ field: "defaults.runAs", message }]),
    ...limitCauses(limits, "defaults.resources.limits").map(({ field, message }) => ({ field, message })),
  ];
}

function yamlOf(text: string | Uint8Array, file: string): ReturnType<typeof readYaml> {
  try {
    return readYaml(text, file);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant ? `unknown field (did you mean "${meant}"?)` : `unknown field; known are ${known.join(", ")}`;
}
