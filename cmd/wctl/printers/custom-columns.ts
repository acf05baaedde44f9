import { Failure } from "../errors/failure.ts";
import { plain } from "../text/plain.ts";
import { valuesAt } from "./jsonpath.ts";

export interface CustomColumn {
  header: string;
  values: (object: unknown) => unknown[];
}

/** `NAME:.metadata.name,WANTED:.spec.replicas`; a path may be written with or without `{}` and the leading dot. */
export function parseCustomColumns(spec: string): CustomColumn[] {
  return splitColumns(spec).map((part) => {
    const colon = part.indexOf(":");
    if (colon <= 0 || colon === part.length - 1) {
      throw new Failure(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    }
    return { header: part.slice(0, colon), values: valuesAt(part.slice(colon + 1)) };
  });
}

/** Commas inside brackets belong to the path. */
const splitColumns = (spec: string): string[] => spec.match(/(?:\[[^\]]*\]|[^,[])+/g) ?? [];

/** A missing value is `<none>`, several are joined by commas (kubectl `pkg/cmd/get/customcolumn.go`). */
export const customRow = (columns: readonly CustomColumn[], object: unknown): string[] =>
  columns.map(({ values }) => {
    const found = values(object).filter((value) => value !== undefined && value !== null);
    return found.length === 0 ? "<none>" : plain(found.map(textOf).join(","));
  });

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(" ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${textOf(one)}`).join(" ")}]`;
}
