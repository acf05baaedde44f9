import { hash } from "node:crypto";
import { wellKnown } from "../scheme.ts";
import type { ConfigMap, Secret } from "../types.generated.ts";

/** `wctl get secrets` shows by it what a copy is. */
const KEPT_TYPE = "wctl.dev/kept-content";
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
/** 80 bits: who may write ConfigMaps can't find other content for a name that is there. */
const HASH_LENGTH = 20;

/**
 * A copy of these keys of a ConfigMap or Secret, which is kept for revisions that were made with it (0045). It is immutable, and its name comes from
 * what is in it: so whoever reads one sees whether it is what was kept (`isIntact`), and equal content is kept once.
 * `salt`: a secret made from place and content; without it a name would tell who sees it alone which of some values a Secret has.
 */
export function keptCopyOf<T extends ConfigMap | Secret>(source: T, keys: ReadonlySet<string>, salt: string): T {
  const { name, namespace } = source.metadata;
  const type = "type" in source ? source.type : undefined;
  const copy = {
    apiVersion: source.apiVersion,
    kind: source.kind,
    metadata: {
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [wellKnown.keptContentLabel]: cut(name, LONGEST_LABEL) },
      annotations: {
        [wellKnown.contentSaltAnnotation]: salt,
        ...(type === undefined ? {} : { [wellKnown.secretTypeAnnotation]: type }),
      },
    },
    immutable: true,
    ...(source.kind === "Secret" && { type: KEPT_TYPE }),
    ...(source.data && { data: chosen(source.data, keys) }),
    ...("binaryData" in source && source.binaryData && { binaryData: chosen(source.binaryData, keys) }),
  } as unknown as T;
  copy.metadata.name = `${cut(name, LONGEST_NAME - 1 - HASH_LENGTH)}-${hashOf(copy)}`;
  return copy;
}

/** Is it a copy that wctl has made, as it has made it? */
export function isIntact(object: ConfigMap | Secret): boolean {
  const { labels, name } = object.metadata;
  if (labels?.[wellKnown.keptContentLabel] === undefined || object.immutable !== true) return false;
  return name.endsWith(`-${hashOf(object)}`);
}

/** The type that the Secret had of which this is a copy. */
export const secretTypeOf = ({ metadata }: ConfigMap | Secret): string | undefined =>
  metadata.annotations?.[wellKnown.secretTypeAnnotation];

/** Of the keys and values, whatever their order; of the type that the Secret had too. */
function hashOf(object: ConfigMap | Secret): string {
  const { annotations = {}, labels = {} } = object.metadata;
  const told = [
    object.kind,
    labels[wellKnown.keptContentLabel],
    annotations[wellKnown.contentSaltAnnotation],
    annotations[wellKnown.secretTypeAnnotation],
    sorted(object.data),
    "binaryData" in object ? sorted(object.binaryData) : [],
  ];
  return hash("sha256", JSON.stringify(told), "hex").slice(0, HASH_LENGTH);
}

const sorted = (values: Record<string, string> = {}): [string, string][] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

const chosen = (values: Record<string, string>, keys: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => keys.has(key)));

/** Neither a name nor a label ends with a mark. */
const cut = (name: string, length: number): string => name.slice(0, length).replace(/[-.]+$/, "");
