import { createHash } from "node:crypto";
import { goJson } from "../../../../api/json/go-json.ts";
import type { KubeObject } from "../../../../api/object.ts";
import type { ConfigMap, Secret } from "../../../../api/types.generated.ts";
import type { Option } from "../../command/option.ts";

export const appendHash = {
  name: "append-hash",
  type: "boolean",
  description: "Append a hash of the content to the name: other content gets another name.",
} as const satisfies Option;

/** So that it is a word nobody reads anything into. */
const instead: Readonly<Record<string, string>> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };

/** The object under the name that kubectl's `--append-hash` gives it (kubectl `pkg/util/hash`), so that both tools agree on it. */
export function hashed<T extends (ConfigMap | Secret) & KubeObject>(object: T, isWanted: boolean): T {
  if (!isWanted) return object;
  const { name } = object.metadata;
  const said = object.kind === "Secret" ? secretText(object as Secret) : configMapText(object as ConfigMap);
  const hash = createHash("sha256").update(said).digest("hex").slice(0, 10);
  const suffix = hash.replace(/[013ae]/g, (digit) => instead[digit]!);
  return { ...object, metadata: { ...object.metadata, name: `${name}-${suffix}` } };
}

const configMapText = ({ metadata, data = {}, binaryData }: ConfigMap): string =>
  goJson({ kind: "ConfigMap", name: metadata.name, data, ...(binaryData ? { binaryData } : {}) });

const secretText = ({ metadata, data = {}, type = "" }: Secret): string =>
  goJson({ kind: "Secret", type, name: metadata.name, data });
