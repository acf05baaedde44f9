import type { WriteOptions } from "../../../api/client.ts";
import type { KubeObject } from "../../../api/object.ts";
import type { Option } from "../command/option.ts";

export const validate = {
  name: "validate",
  type: "string",
  oneOf: ["strict", "true", "warn", "ignore", "false"],
  implied: "strict",
  default: "strict",
  description: "Unknown fields are refused (strict), dropped with a warning, or dropped in silence.",
} as const satisfies Option;

const fieldValidation = { strict: "Strict", true: "Strict", warn: "Warn", ignore: "Ignore", false: "Ignore" } as const;

export type Validation = keyof typeof fieldValidation;

/** How `--validate`, `--field-manager` and `--dry-run` are told to a server. */
export const writeOptionsOf = (flags: {
  validate: Validation;
  "field-manager": string;
  "dry-run": string;
}): Required<Pick<WriteOptions, "fieldManager" | "dryRun" | "fieldValidation">> => ({
  fieldManager: flags["field-manager"],
  dryRun: flags["dry-run"] === "server",
  fieldValidation: fieldValidation[flags.validate],
});

export const saveConfig = {
  name: "save-config",
  type: "boolean",
  description: "Keep what the file says in an annotation, so that a later apply knows what it no longer says.",
} as const satisfies Option;

/** With the annotation of `--save-config`. */
export async function withSavedConfig<T extends KubeObject>(object: T, isWanted: boolean): Promise<T> {
  if (!isWanted) return object;
  const { withLastApplied } = await import("../../../api/apply/last-applied.ts");
  return withLastApplied(object);
}
