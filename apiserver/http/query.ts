import { badRequest, invalid, type StatusCause, type StatusError } from "../../api/errors.ts";

/** A query parameter; empty is absent. */
export const text = (query: URLSearchParams, name: string): string | undefined => query.get(name) || undefined;

/** As Kubernetes reads booleans in a query: present is true unless it says `false` or `0`. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== "0" && value.toLowerCase() !== "false";

/** A query parameter that must be a whole number, where it is there. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const said = query.get(name);
  if (said === null) return undefined;
  if (!/^[+-]?\d{1,15}$/.test(said)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(said.slice(0, 100))}: invalid syntax`);
  }
  return Number(said);
}

/** True when the write must not be kept. `All` is the only word for it: who says nothing else after `dryRun=` meant a rehearsal, and must not get a write. */
export function dryRunOf(values: readonly unknown[], causes: StatusCause[]): boolean {
  for (const value of values) if (value !== "All") causes.push(unsupported("dryRun", String(value), ["All"]));
  return values.length > 0;
}

export const unsupported = (field: string, value: string, supported: readonly string[]): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((item) => `"${item}"`).join(", ")}`,
  field,
});

/** A 422 about the options of a request, as `ListOptions`. */
export const invalidOptions = (kind: string, causes: StatusCause[]): StatusError =>
  invalid({ group: "meta.k8s.io", plural: kind, kind }, "", causes);
