import type { Field, FieldType, Message } from "../../apiserver/protobuf/message.ts";
import { messageOf } from "../../apiserver/protobuf/messages.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { enveloped, type Written, written } from "../apiserver/protobuf/written.ts";
import type { KindName } from "./published.ts";

/** The object as protobuf; undefined for kinds that have none. What is of another type than its field is written as what it is. */
export function asProtobuf(object: JsonObject, kind: KindName): Buffer | undefined {
  const description = messageOf(kind);
  if (!description) return undefined;
  return Buffer.from(enveloped(String(object.apiVersion), String(object.kind), fieldsOf(object, description)));
}

const fieldsOf = (object: JsonObject, description: Message): Written =>
  [...description].flatMap(([number, field]) =>
    object[field.name] === undefined ? [] : entries(number, field, object),
  );

function entries(number: number, { name, type, count }: Field, object: JsonObject): Written {
  const value = object[name];
  if (count === "many" && Array.isArray(value)) return value.map((item) => [number, writtenValue(item, type)] as const);
  if (count !== "map" || !isObject(value)) return [[number, writtenValue(value, type)]];
  return Object.entries(value).map(([key, item]): Written[number] => [
    number,
    [
      [1, key],
      [2, writtenValue(item, type)],
    ],
  ]);
}

function writtenValue(value: unknown, type: FieldType): string | number | boolean | Uint8Array | Written {
  if (type === "base64" || type === "bytes") return Buffer.from(String(value), "base64");
  if (type === "json") return [[1, Buffer.from(JSON.stringify(value) ?? "")]];
  if (type === "texts" && Array.isArray(value)) return value.map((text) => [1, String(text)] as const);
  if (type === "time" || type === "micro-time") return [[1, Math.floor(Date.parse(String(value)) / 1000) || 0]];
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : written([[1, String(value)]]);
  if (typeof value === "boolean") return value;
  return typeof type === "object" && isObject(value)
    ? fieldsOf(value, type)
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}
