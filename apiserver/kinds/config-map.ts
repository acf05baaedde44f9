import { configMaps } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { ageColumn } from "../printing/column.ts";
import { canonicalBase64 } from "../validation/base64.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { shortened } from "../validation/field-path.ts";
import { base64Bytes, immutableCauses, keyCauses, sizeCauses, textBytes } from "../validation/key-value.ts";
import { contentRestriction } from "./content-use.ts";
import { defineKind } from "./kind.ts";

export const configMapKind = defineKind<ConfigMap>({
  resource: configMaps,
  prepareForCreate: encode,
  prepareForUpdate: encode,
  validate,
  writerRestriction: contentRestriction("configMaps"),
  validateUpdate: (current, next) => immutableCauses(current, next, ["data", "binaryData"]),
  columns: [
    {
      name: "Data",
      type: "integer",
      description: "Number of keys.",
      cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
});

function encode(configMap: ConfigMap): undefined {
  if (configMap.binaryData) configMap.binaryData = canonicalBase64(configMap.binaryData);
}

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  return [
    ...keyCauses(data, "data"),
    ...keyCauses(binaryData, "binaryData"),
    ...Object.keys(binaryData)
      .filter((key) => Object.hasOwn(data, key))
      .map((key) => invalidValue(`data[${shortened(key)}]`, key, "duplicate of key present in binaryData")),
    ...sizeCauses(textBytes(data) + base64Bytes(binaryData), "data"),
  ];
}
