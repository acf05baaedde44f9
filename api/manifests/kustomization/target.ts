import { type LabelSelector, parseLabelSelector } from "../../selectors/selectors.ts";
import { type Built, type Id, idsOf } from "./built.ts";
import type { Fields } from "./fields.ts";

/** Which Objects a patch is for. */
export type Target = (built: Built) => boolean;

/** Letters of names; `.*` and `|` are understood, other regular expressions are refused: one may take for ever. */
const PLAIN = /^[A-Za-z0-9.|*-]*$/;
const FIELDS = ["group", "version", "kind", "name", "namespace", "labelSelector"];

/** `target` of a patch, as kustomize reads it: a field that is absent fits all, names are matched whole, and earlier names and namespaces count too. */
export function targetOf(fields: Fields): Target {
  fields.only(FIELDS, { annotationSelector: "use labelSelector", fieldPath: "use path in the patch" });
  const [group, version, kind, name, namespace] = ["group", "version", "kind", "name", "namespace"].map((field) =>
    pattern(fields, field),
  );
  const selector = selectorOf(fields);
  const fits = (id: Id): boolean => {
    const [before, after] = id.apiVersion.split("/");
    return (
      (group?.(after === undefined ? "" : (before ?? "")) ?? true) &&
      (version?.(after ?? before ?? "") ?? true) &&
      (kind?.(id.kind) ?? true) &&
      (name?.(id.name) ?? true) &&
      (namespace?.(id.namespace) ?? true)
    );
  };
  return (built) => idsOf(built).some(fits) && (selector?.matches(built.manifest.object.metadata.labels ?? {}) ?? true);
}

/** Characters that cost as much as a comparison. */
const CHARACTERS = 50;

/** How many comparisons a look at one Object costs: texts are compared with each of the choices. */
export const effortOf = (fields: Fields): number =>
  1 + Math.floor(FIELDS.reduce((all, field) => all + (fields.text(field)?.length ?? 0), 0) / CHARACTERS);

function selectorOf(fields: Fields): LabelSelector | undefined {
  const text = fields.text("labelSelector");
  if (text === undefined) return undefined;
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw fields.refuse("labelSelector", (error as Error).message);
  }
}

function pattern(fields: Fields, field: string): ((text: string) => boolean) | undefined {
  const text = fields.text(field);
  if (text === undefined) return undefined;
  if (text.length > 1024 || !PLAIN.test(text) || text.replaceAll(".*", "").includes("*")) {
    throw fields.refuse(field, "must be a name; of regular expressions only .* and | are understood");
  }
  const choices = text.split("|").map((choice) => choice.split(".*"));
  return (value) => choices.some((parts) => isMatch(value, parts));
}

/** The parts in their order, the first at the beginning and the last at the end. */
function isMatch(value: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}
