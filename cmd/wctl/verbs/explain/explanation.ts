import { fieldsOf, objectIn, type ReadableSchema, type SchemaField } from "../../../../api/schema-fields.ts";
import { wrap } from "../../command-line/help.ts";

export interface Explained {
  head: { kind: string; version: string | undefined };
  schema: ReadableSchema;
  /** The name of the field that was asked for. Absent: it is the kind as a whole. */
  field: string | undefined;
  /** Width of what is written. */
  columns: number;
}

/** What `kubectl explain` prints, with defaults and allowed values. */
export function explanation({ head, schema, field, columns }: Explained): string {
  const object = objectIn(schema);
  const fields = object ? fieldsOf(object) : [];
  const own = field === undefined ? undefined : fieldsOf({ properties: { [field]: schema } })[0];
  return [
    ...heading(head, own),
    `DESCRIPTION:\n${indented([schema.description || "None.", ...limits(own)], 4, columns)}\n`,
    ...(fields.length > 0 ? [`FIELDS:\n${fields.map((one) => entry(one, columns)).join("\n")}`] : []),
  ].join("\n");
}

/** Every field below with its type, one a line. */
export function outline({ head, schema, field }: Explained): string {
  const own = field === undefined ? undefined : fieldsOf({ properties: { [field]: schema } })[0];
  const object = objectIn(schema);
  return [...heading(head, own), "FIELDS:", ...(object ? outlineOf(object, "  ") : []), ""].join("\n");
}

const outlineOf = (schema: ReadableSchema, indent: string): string[] =>
  fieldsOf(schema).flatMap((field) => [
    `${indent}${title(field)}`,
    ...(field.object ? outlineOf(field.object, `${indent}  `) : []),
  ]);

const heading = ({ kind, version }: Explained["head"], own: SchemaField | undefined): string[] => [
  `KIND:     ${kind}`,
  ...(version === undefined ? [] : [`VERSION:  ${version}`]),
  "",
  ...(own ? [`FIELD: ${title(own)}\n`] : []),
];

const title = ({ name, type, isRequired }: SchemaField): string =>
  `${name} <${type}>${isRequired ? " -required-" : ""}`;

const entry = (field: SchemaField, columns: number): string =>
  `  ${title(field)}\n${indented([field.description, ...limits(field)], 4, columns)}\n`;

const limits = (field: SchemaField | undefined): string[] => [
  ...(field?.default === undefined ? [] : [`Default: ${field.default}`]),
  ...(field?.allowed === undefined ? [] : [`Allowed: ${field.allowed}`]),
];

function indented(paragraphs: readonly string[], by: number, columns: number): string {
  const space = " ".repeat(by);
  return paragraphs
    .filter((text) => text !== "")
    .flatMap((text) => wrap(text, Math.max(30, columns - by)).split("\n"))
    .map((line) => `${space}${line}`)
    .join("\n");
}
