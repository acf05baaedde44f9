import { makeKey } from "../../api/object.ts";
import type { GitSource, GitSourceSpec } from "../../api/types.generated.ts";
import { duplicate, type FieldError, invalidValue } from "./field-error.ts";
import { dnsLabelError, subdomainError } from "./names.ts";

/** Of `spec.dependsOn`: each names another source, once. A cycle over several sources is seen when they are followed: any of them may be written last. */
export function sourceDependencyCauses(
  metadata: GitSource["metadata"],
  { dependsOn = [] }: GitSourceSpec,
): FieldError[] {
  const own = makeKey(metadata.namespace, metadata.name);
  const seen = new Set<string>();
  return dependsOn.flatMap(({ name, namespace = metadata.namespace }, index) => {
    const field = `spec.dependsOn[${index}]`;
    const wrong = [
      ...fault(`${field}.name`, name, subdomainError),
      ...fault(`${field}.namespace`, namespace ?? "default", dnsLabelError),
    ];
    if (wrong.length > 0) return wrong;
    const key = makeKey(namespace, name);
    if (key === own) return [invalidValue(`${field}.name`, name, "a source cannot depend on itself")];
    if (seen.has(key)) return [duplicate(field, key)];
    seen.add(key);
    return [];
  });
}

function fault(field: string, text: string, errorOf: (text: string) => string | undefined): FieldError[] {
  const problem = errorOf(text);
  return problem === undefined ? [] : [invalidValue(field, text, problem)];
}
