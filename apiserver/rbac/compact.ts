import type { PolicyRule } from "../../api/types.generated.ts";

/** Single grants of the same resource are one, with the verbs of all of them in their order (Kubernetes' `CompactRules`). Pure. */
export function compact(grants: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule & { verbs: string[] }>();
  const others: PolicyRule[] = [];
  for (const grant of grants) {
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = grant;
    if (nonResourceURLs?.length) {
      others.push(grant);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const same = byResource.get(key);
    if (same) same.verbs.push(...verbs);
    else byResource.set(key, { ...grant, verbs: [...verbs] });
  }
  return [...byResource.values(), ...others];
}
