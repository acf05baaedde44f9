import { badRequest, StatusError } from "../../api/errors.ts";
import { parseJson } from "../../api/json/parse-json.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { isSafeKey, MAX_VALUES } from "../admission/well-formed.ts";
import { always, type Field, type FieldType, type Message, message, one } from "./message.ts";
import { malformed, type WireField, wireFields } from "./wire.ts";

/**
 * The JSON object that the bytes of one message stand for. A field that comes again wins, or is merged when it is a message, as protobuf says. Throws
 * BadRequest for what is no such message, RequestEntityTooLarge for more values than any body may have.
 */
export function decodeMessage(bytes: Uint8Array, description: Message): JsonObject {
  return decodeInto({}, bytes, description, { values: MAX_VALUES });
}

/** What is left of the values that a body may have: two bytes are enough for one, so that a body could have a million. */
interface Budget {
  values: number;
}

function decodeInto(object: JsonObject, bytes: Uint8Array, description: Message, budget: Budget): JsonObject {
  for (const { number, value } of wireFields(bytes)) {
    const field = description.get(number);
    if (!field) continue;
    spend(budget);
    take(object, field, value, budget);
  }
  return object;
}

/** Also of what is said again, and counts no more in the end. */
function spend(budget: Budget): void {
  if (--budget.values >= 0) return;
  throw new StatusError(
    "RequestEntityTooLarge",
    `Request entity too large: the body has more than ${MAX_VALUES} values`,
  );
}

function take(object: JsonObject, field: Field, wire: WireField["value"], budget: Budget): void {
  const { name, type, count } = field;
  const before = object[name];
  if (count === "many") {
    const list = Array.isArray(before) ? before : [];
    list.push(read(type, wire, undefined, budget));
    object[name] = list;
  } else if (count === "map") {
    const { key, value } = entryOf(bytesOf(wire), type, budget);
    if (!isSafeKey(key)) throw badRequest(`the key "${key}" is not allowed`);
    const map = isObject(before) ? before : {};
    map[key] = value;
    object[name] = map;
  } else {
    const value = read(type, wire, before, budget);
    if (isAbsent(field, value)) delete object[name];
    else object[name] = value;
  }
}

const isAbsent = ({ type, isAlways }: Field, value: unknown): boolean =>
  value === undefined ||
  (type === "text" && value === "" && !isAlways) ||
  (type === "count" && value === 0) ||
  (type === "flag" && value === false);

/** An entry without key or value has the empty one. */
function entryOf(bytes: Uint8Array, type: FieldType, budget: Budget): { key: string; value: unknown } {
  const entry = { key: "", value: read(type, EMPTY, undefined, budget) };
  for (const { number, value } of wireFields(bytes)) {
    spend(budget);
    if (number === 1) entry.key = textOf(bytesOf(value));
    else if (number === 2) entry.value = read(type, value, undefined, budget);
  }
  return entry;
}

const EMPTY = new Uint8Array();

/** `before`: what the same field said earlier. */
function read(type: FieldType, wire: WireField["value"], before: unknown, budget: Budget): unknown {
  switch (type) {
    case "text":
      return textOf(bytesOf(wire));
    case "bytes":
      return bytesOf(wire);
    case "base64":
      return Buffer.from(bytesOf(wire)).toString("base64");
    case "integer":
    case "count":
      return integerOf(wire);
    case "boolean":
    case "flag":
      return integerOf(wire) !== 0;
    case "time":
      return timeOf(bytesOf(wire), "seconds");
    case "micro-time":
      return timeOf(bytesOf(wire), "microseconds");
    case "json":
      return jsonOf(bytesOf(wire));
    case "texts":
      return textsOf(bytesOf(wire), budget);
    case "quantity":
      return decodeMessage(bytesOf(wire), quantity).text;
    default:
      return decodeInto(isObject(before) ? before : {}, bytesOf(wire), type, budget);
  }
}

function bytesOf(wire: WireField["value"]): Uint8Array {
  if (wire instanceof Uint8Array) return wire;
  throw malformed("a field is not of its type");
}

function integerOf(wire: WireField["value"]): number {
  if (typeof wire !== "number") throw malformed("a field is not of its type");
  if (!Number.isSafeInteger(wire))
    throw badRequest(`a number is too large: at most ${Number.MAX_SAFE_INTEGER} can be kept exactly`);
  return wire;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw badRequest("the body is not valid UTF-8", error);
  }
}

const timestamp = message({ 1: one("seconds", "integer"), 2: one("nanos", "integer") });
/** The years 1 to 9999, in seconds since 1970. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** Undefined for the zero time, which Go writes where there is none. */
function timeOf(bytes: Uint8Array, precision: "seconds" | "microseconds"): string | undefined {
  const { seconds = 0, nanos = 0 } = decodeMessage(bytes, timestamp) as { seconds?: number; nanos?: number };
  if (seconds === 0 && nanos === 0) return undefined;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) {
    throw malformed("a time is out of range");
  }
  const text = new Date(seconds * 1000).toISOString().slice(0, -".000Z".length);
  return precision === "seconds" ? `${text}Z` : `${text}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`;
}

function jsonOf(bytes: Uint8Array): unknown {
  let raw: Uint8Array = EMPTY;
  for (const { number, value } of wireFields(bytes)) if (number === 1) raw = bytesOf(value);
  return raw.length === 0 ? undefined : parseJson(raw);
}

const quantity = message({ 1: always("text") });
const textList = message({ 1: { name: "items", type: "text", count: "many" } });

const textsOf = (bytes: Uint8Array, budget: Budget): unknown =>
  decodeInto({ items: [] }, bytes, textList, budget).items;
