import type { HttpClient } from "../../../../api/http/http-client.ts";

/** Asks the server what may be done, or who we are: a POST that keeps nothing (KEP-3325 and authorization.k8s.io/v1). Resolves with the answered object. */
export async function review(
  client: HttpClient,
  group: "authorization.k8s.io" | "authentication.k8s.io",
  kind: "SelfSubjectAccessReview" | "SelfSubjectRulesReview" | "SelfSubjectReview",
  spec: object,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const body = { apiVersion: `${group}/v1`, kind, ...(kind === "SelfSubjectReview" ? {} : { spec }) };
  const path = `/apis/${group}/v1/${kind.toLowerCase()}s`;
  return JSON.parse(await client.raw("POST", path, { body, signal, keepsNothing: true })) as Record<string, unknown>;
}
