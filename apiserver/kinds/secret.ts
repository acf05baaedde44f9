import { secrets } from "../../api/scheme.ts";
import type { Secret } from "../../api/types.generated.ts";
import { isObject } from "../../lib/json-object.ts";
import { ageColumn } from "../printing/column.ts";
import { canonicalBase64 } from "../validation/base64.ts";
import { type FieldError, invalidValue, required } from "../validation/field-error.ts";
import { base64Bytes, immutableCauses, keyCauses, sizeCauses } from "../validation/key-value.ts";
import { contentRestriction } from "./content-use.ts";
import { defineKind } from "./kind.ts";

/** No message repeats a value (promise P20). */
export const secretKind = defineKind<Secret>({
  resource: secrets,
  encryptedAtRest: true,
  prepareForCreate: encode,
  prepareForUpdate: encode,
  validate,
  writerRestriction: contentRestriction("secrets"),
  validateUpdate,
  columns: [
    { name: "Type", type: "string", path: ".type", description: "What kind of secret." },
    {
      name: "Data",
      type: "integer",
      description: "Number of keys.",
      cell: ({ data = {} }) => Object.keys(data).length,
    },
    ageColumn,
  ],
  selectableFields: ["type"],
});

/** `stringData` is write-only: it becomes part of `data`, over what is there. */
function encode(secret: Secret): undefined {
  if (secret.data) secret.data = canonicalBase64(secret.data);
  if (!secret.stringData) return;
  const data = { ...secret.data };
  for (const [key, text] of Object.entries(secret.stringData)) data[key] = Buffer.from(text).toString("base64");
  secret.data = data;
  delete secret.stringData;
}

/** Keys that the well-known types must have; as in Kubernetes. Any one of an inner list will do. */
const REQUIRED_KEYS: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["kubernetes.io/basic-auth", [["username", "password"]]],
  ["kubernetes.io/ssh-auth", [["ssh-privatekey"]]],
  ["kubernetes.io/tls", [["tls.crt"], ["tls.key"]]],
  ["kubernetes.io/dockercfg", [[".dockercfg"]]],
  ["kubernetes.io/dockerconfigjson", [[".dockerconfigjson"]]],
]);

/** The key of a well-known type that must hold a JSON object. */
const JSON_KEYS: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/dockercfg", ".dockercfg"],
  ["kubernetes.io/dockerconfigjson", ".dockerconfigjson"],
]);

function validate({ data = {}, type = "Opaque" }: Secret): FieldError[] {
  return [
    ...keyCauses(data, "data"),
    ...sizeCauses(base64Bytes(data), "data"),
    ...(REQUIRED_KEYS.get(type) ?? [])
      .filter((keys) => !keys.some((key) => Object.hasOwn(data, key)))
      .map((keys) => required(`data[${keys[0]}]`)),
    ...jsonCauses(data, JSON_KEYS.get(type)),
  ];
}

function jsonCauses(data: Record<string, string>, key: string | undefined): FieldError[] {
  const content = key === undefined ? undefined : data[key];
  if (content === undefined || isJsonObject(Buffer.from(content, "base64").toString())) return [];
  return [invalidValue(`data[${key}]`, "<secret contents redacted>", "must be a JSON object")];
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

function validateUpdate(current: Secret, next: Secret): FieldError[] {
  const causes = immutableCauses(current, next, ["data"]);
  if ((current.type ?? "Opaque") !== (next.type ?? "Opaque")) {
    causes.push(invalidValue("type", next.type, "field is immutable"));
  }
  return causes;
}
