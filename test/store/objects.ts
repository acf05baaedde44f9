import type { Unstamped } from "../../store/store.ts";

/** A small Object that differs by `value`, with enough around it to have unchanged parts. */
export function object(name: string, value: unknown = 0): Unstamped {
  const metadata = { name, namespace: "default", uid: `uid-${name}`, creationTimestamp: "2026-01-01T00:00:00Z" };
  return { apiVersion: "wctl.dev/v1", kind: "Process", metadata, spec: { args: ["a", "b"], value } } as Unstamped;
}

export const pathOf = (name: string): string => `wctl.dev/processes/default/${name}`;

export const revisionOf = (stored: { metadata: { resourceVersion: string } }): number =>
  Number(stored.metadata.resourceVersion);

export const specOf = (stored: unknown): unknown => (stored as { spec: { value: unknown } } | undefined)?.spec.value;
