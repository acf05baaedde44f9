/**
 * How a message of Kubernetes' `.proto` files becomes the JSON of the same Object. Only what is read is described: other fields are skipped, as any
 * reader of protobuf does.
 */
export type Message = ReadonlyMap<number, Field>;

export interface Field {
  /** Of the JSON field. */
  name: string;
  type: FieldType;
  /** `many`: a list. `map`: entries of text and this type. */
  count: "one" | "many" | "map";
  /** Go's JSON has it also when it is empty. */
  isAlways?: true;
}

/**
 * Go writes fields that are no pointers also when they are empty, and its JSON leaves those out. So a `text` of one, a `count` and a `flag` are absent
 * when they are empty, an `integer` and a `boolean`, which stand for pointers, never are. `time` and `micro-time` are texts in RFC 3339, `json` is what the
 * bytes in a message say, `texts` is a message that holds one list, `quantity` one that holds a text.
 */
export type FieldType =
  | "text"
  | "bytes"
  | "base64"
  | "integer"
  | "count"
  | "boolean"
  | "flag"
  | "time"
  | "micro-time"
  | "json"
  | "texts"
  | "quantity"
  | Message;

export const message = (fields: Readonly<Record<number, Field>>): Message =>
  new Map(Object.entries(fields).map(([number, field]) => [Number(number), field]));

export const one = (name: string, type: FieldType = "text"): Field => ({ name, type, count: "one" });
export const always = (name: string): Field => ({ name, type: "text", count: "one", isAlways: true });
export const many = (name: string, type: FieldType = "text"): Field => ({ name, type, count: "many" });
export const mapOf = (name: string, type: FieldType = "text"): Field => ({ name, type, count: "map" });
