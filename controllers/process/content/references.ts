import { type Key, makeKey, type Stored } from "../../../api/object.ts";
import type { Process, ProcessTemplate } from "../../../api/types.generated.ts";

/** Content that a copy is given at its start. Other references (a password, the header of a probe) are read when they are used. */
export interface ContentReference {
  plural: "configmaps" | "secrets";
  name: string;
  /** Absent: all keys. */
  key?: string;
  optional: boolean;
}

export const contentReferencesOf = ({ env = [], envFrom = [], files = [] }: ProcessTemplate): ContentReference[] => [
  ...env.flatMap(({ valueFrom }) => [
    ...referenceTo("configmaps", valueFrom?.configMapKeyRef),
    ...referenceTo("secrets", valueFrom?.secretKeyRef),
  ]),
  ...[...envFrom, ...files].flatMap(({ configMapRef, secretRef }) => [
    ...referenceTo("configmaps", configMapRef),
    ...referenceTo("secrets", secretRef),
  ]),
];

function referenceTo(
  plural: ContentReference["plural"],
  to: { name: string; key?: string; optional?: boolean } | undefined,
): ContentReference[] {
  if (!to) return [];
  const { name, key, optional = false } = to;
  return [{ plural, name, ...(key === undefined ? {} : { key }), optional }];
}

/** For an index of Processes: by what they refer to. */
export const contentKeysOf = ({ metadata, spec }: Stored<Process>): string[] => [
  ...new Set(
    contentReferencesOf(spec).map(({ plural, name }) => contentKey(plural, makeKey(metadata.namespace, name))),
  ),
];

export const contentKey = (plural: string, key: Key): string => `${plural}/${key}`;
