import { type Key, makeKey, type Stored } from "../object.ts";
import type { Process, ProcessTemplate } from "../types.generated.ts";

/** Content that a copy is given at its start. Other references (a password, the header of a probe) are read when they are used. */
export interface ContentReference {
  plural: "configmaps" | "secrets";
  name: string;
  /** Absent: all keys. */
  key?: string;
  optional: boolean;
  /** A file can be written anew while the program runs; its variables can't change any more. */
  isFile: boolean;
}

export const contentReferencesOf = ({ env = [], envFrom = [], files = [] }: ProcessTemplate): ContentReference[] => [
  ...env.flatMap(({ valueFrom }) => [
    ...referenceTo("configmaps", valueFrom?.configMapKeyRef),
    ...referenceTo("secrets", valueFrom?.secretKeyRef),
  ]),
  ...envFrom.flatMap((from) => referencesOf(from, false)),
  ...files.flatMap((from) => referencesOf(from, true)),
];

type To = { name: string; key?: string; optional?: boolean } | undefined;

const referencesOf = (
  { configMapRef, secretRef }: { configMapRef?: To; secretRef?: To },
  isFile: boolean,
): ContentReference[] => [
  ...referenceTo("configmaps", configMapRef, isFile),
  ...referenceTo("secrets", secretRef, isFile),
];

function referenceTo(plural: ContentReference["plural"], to: To, isFile = false): ContentReference[] {
  if (!to) return [];
  const { name, key, optional = false } = to;
  return [{ plural, name, ...(key === undefined ? {} : { key }), optional, isFile }];
}

/** What a program has as a variable, perhaps beside a file, and can't be given anew while it runs. `id`: as `configmaps/NAME/KEY`. */
export const isVariable = (references: readonly ContentReference[], id: string): boolean =>
  references.some((one) => !one.isFile && isOf(one, id));

export const isOf = ({ plural, name, key }: ContentReference, id: string): boolean =>
  key === undefined ? id.startsWith(`${plural}/${name}/`) : id === `${plural}/${name}/${key}`;

/** For an index of Processes: by what they refer to. */
export const contentKeysOf = ({ metadata, spec }: Stored<Process>): string[] => [
  ...new Set(
    contentReferencesOf(spec).map(({ plural, name }) => contentKey(plural, makeKey(metadata.namespace, name))),
  ),
];

export const contentKey = (plural: string, key: Key): string => `${plural}/${key}`;
