import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Secret } from "../../../../api/types.generated.ts";
import { type Entry, indented, labelledLines } from "../../text/labelled-lines.ts";
import { metadataEntries } from "./metadata-entries.ts";

/** Kinds without a description of their own: every field, as it is. Of a Secret only the sizes. */
export function describeAny(object: Stored, now: Date): string[] {
  const { apiVersion: _, kind, metadata: __, ...fields } = object;
  const entries = metadataEntries(object, now);
  if (kind === "Secret") return labelledLines([...entries, ...secretEntries(object as Stored<Secret>)]);
  if (kind === "ConfigMap") return [...labelledLines(entries), ...configMapLines(object as Stored<ConfigMap>)];
  return labelledLines([
    ...entries,
    ...Object.entries(fields).map(([name, value]): Entry => [title(name), valueLines(value)]),
  ]);
}

const secretEntries = ({ type, data = {} }: Stored<Secret>): Entry[] => [
  ["Type", type],
  [
    "Data",
    labelledLines(Object.entries(data).map(([key, value]) => [key, `${Buffer.from(value, "base64").length} bytes`])),
  ],
];

const configMapLines = ({ data = {}, binaryData = {} }: Stored<ConfigMap>): string[] => [
  "Data:",
  ...indented([
    ...Object.entries(data).flatMap(([key, value]) =>
      labelledLines([[key, value.includes("\n") ? value.trimEnd().split("\n") : value]]),
    ),
    ...Object.entries(binaryData).flatMap(([key, value]) =>
      labelledLines([[key, `${Buffer.from(value, "base64").length} bytes`]]),
    ),
  ]),
];

/** Maps and lists become indented blocks. */
function valueLines(value: unknown): string | string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const lines = valueLines(item);
      return typeof lines === "string"
        ? [lines]
        : lines.map((text, index) => (index === 0 ? `- ${text}` : `  ${text}`));
    });
  }
  if (value === null || typeof value !== "object") return String(value);
  return labelledLines(Object.entries(value).map(([name, one]): Entry => [title(name), valueLines(one)]));
}

/** `nodeInfo` -> `Node Info`. */
const title = (name: string): string =>
  (name.charAt(0).toUpperCase() + name.slice(1)).replace(/([a-z0-9])([A-Z])/g, "$1 $2");
