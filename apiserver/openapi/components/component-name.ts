import type { Resource } from "../../../api/scheme.ts";

export type KindName = Pick<Resource, "group" | "version" | "kind">;

export const metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** Kubernetes' names of its own groups, the domain turned around for all others: `io.k8s.api.core.v1`, `dev.wctl.v1`. */
export function packageOf({ group, version }: Pick<KindName, "group" | "version">): string {
  const [first = "", ...rest] = group.split(".");
  if (rest.length === 0 || group.endsWith(".k8s.io")) return `io.k8s.api.${first || "core"}.${version}`;
  return `${[first, ...rest].reverse().join(".")}.${version}`;
}

export const componentName = (kind: KindName): string => `${packageOf(kind)}.${kind.kind}`;
