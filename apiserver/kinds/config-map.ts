import type { ConfigMap } from "../../api/types.generated.ts";
import { shortened } from "../admission/schema.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { base64Bytes, immutableCauses, keyCauses, sizeCauses, textBytes } from "../validation/key-value.ts";

export const configMapCauses = ({ data = {}, binaryData = {} }: ConfigMap): FieldError[] => [
  ...keyCauses(data, "data"),
  ...keyCauses(binaryData, "binaryData"),
  ...Object.keys(binaryData)
    .filter((key) => Object.hasOwn(data, key))
    .map((key) => invalidValue(`data[${shortened(key)}]`, key, "duplicate of key present in binaryData")),
  ...sizeCauses(textBytes(data) + base64Bytes(binaryData), "data"),
];

export const configMapUpdateCauses = (current: ConfigMap, next: ConfigMap): FieldError[] =>
  immutableCauses(current, next, ["data", "binaryData"]);
