import { fieldsOf, objectIn, type ReadableSchema, type SchemaField } from "../api/schema-fields.ts";
import { apiVersionOf, type Resource } from "../api/scheme.ts";

export interface KindPage {
  /** The file in `schemas/`, without its ending; the page has the same name. */
  name: string;
  schema: ReadableSchema;
  /** How it is served. Absent for what is no Object of the API. */
  resource: Resource | undefined;
  /** A manifest that shows it. */
  example: string;
  /** What Process and Instance have in common: told on the page of the Process alone. */
  template: ReadableSchema;
}

const METADATA = "ObjectMeta";
/** Told at the head of the page, or in sections of their own. */
const elsewhere = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

/** The page of one kind in docs/kinds, as Markdown. */
export function kindPage({ name, schema: whole, resource, example, template }: KindPage): string {
  const isOwner = whole.title === "Process";
  const hasTemplate = whole.properties?.spec !== undefined && contains(whole.properties.spec, template);
  const schema = hasTemplate && !isOwner ? withoutTemplate(whole, template) : whole;
  const shared = titlesUsedTwice(schema);
  const { spec, status } = schema.properties ?? {};
  const rows: Rows = (fields, but = () => false) => table(fields, { shared, but, isWritten: fields !== status });
  const hasOwn = Object.keys(schema.properties ?? {}).some((field) => !elsewhere.has(field));
  return [
    `# ${schema.title}`,
    `<!-- Made from schemas/${name}.json by "make generate": change that. -->`,
    schema.description ?? "",
    ...(resource ? [servedAs(resource), `\`wctl explain ${resource.singular}\` prints the same.`] : []),
    `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
    ...(hasOwn ? [`## Fields\n\n${rows(schema, (field) => elsewhere.has(field))}`] : []),
    ...(spec ? specSections({ spec, template: hasTemplate ? template : undefined, isOwner, rows }) : []),
    ...(status ? [`## status\n\n${status.description}\n\n${rows(status)}`] : []),
    ...[...shared.values()].map((one) => `## ${one.title}\n\n${one.description ?? ""}\n\n${rows(one)}`),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The page of what all Objects have in common. */
export const metadataPage = (metadata: ReadableSchema): string =>
  [
    "# metadata",
    '<!-- Made from schemas/parts/meta.json by "make generate": change that. -->',
    "What every object has under `metadata`, whatever its kind. Of these a manifest needs `name` alone.",
    table(metadata, { shared: new Map(), but: () => false, isWritten: true }),
  ]
    .join("\n\n")
    .concat("\n");

/** Makes the table of an object, without the fields of its first level that are told elsewhere. */
type Rows = (schema: ReadableSchema, but?: (field: string) => boolean) => string;

interface SpecPart {
  spec: ReadableSchema;
  /** When it has the fields of one. */
  template: ReadableSchema | undefined;
  /** The template is told here. */
  isOwner: boolean;
  rows: Rows;
}

const contains = (spec: ReadableSchema, { properties = {} }: ReadableSchema): boolean =>
  Object.keys(properties).every((field) => spec.properties?.[field]);

function withoutTemplate(schema: ReadableSchema, { properties = {} }: ReadableSchema): ReadableSchema {
  const spec = schema.properties?.spec ?? {};
  const own = Object.entries(spec.properties ?? {}).filter(([field]) => !Object.hasOwn(properties, field));
  return { ...schema, properties: { ...schema.properties, spec: { ...spec, properties: Object.fromEntries(own) } } };
}

function specSections({ spec, template, isOwner, rows }: SpecPart): string[] {
  const all = `## spec\n\n${spec.description}`;
  if (!template) return [`${all}\n\n${rows(spec)}`];
  if (!isOwner) {
    return [`${all} The fields of the [template of a Process](process.md#spec-the-template), and:\n\n${rows(spec)}`];
  }
  const isOfTemplate = (field: string): boolean => Object.hasOwn(template.properties ?? {}, field);
  return [
    `## spec: the template\n\n${template.description}\n\n${rows(spec, (field) => !isOfTemplate(field))}`,
    `## spec: copies and rollouts\n\nA change of these makes no new revision, and restarts nothing.\n\n${rows(spec, isOfTemplate)}`,
  ];
}

const servedAs = ({ kind, plural, singular, shortNames, namespaced, subresources, ...resource }: Resource): string =>
  [
    "| | |",
    "|---|---|",
    `| in a manifest | \`apiVersion: ${apiVersionOf(resource)}\`, \`kind: ${kind}\` |`,
    `| for \`wctl\` | ${[plural, singular, ...shortNames].map((word) => `\`${word}\``).join(", ")} |`,
    "| metadata | [as of every object](metadata.md) |",
    `| lives | ${namespaced ? "in a namespace" : "beside the namespaces"} |`,
    ...(subresources.length > 0 ? [`| subresources | ${subresources.join(", ")} |`] : []),
  ].join("\n");

interface TableOptions {
  /** Told in sections of their own. */
  shared: ReadonlyMap<string, ReadableSchema>;
  /** Fields of the first level that are left out. */
  but: (field: string) => boolean;
  /** People write it, so what is required is said; what the server sets is there or not. */
  isWritten: boolean;
}

function table(schema: ReadableSchema, options: TableOptions): string {
  const { shared, but } = options;
  const lines = ["| field | type | default | meaning |", "|---|---|---|---|"];
  const walk = (fields: readonly SchemaField[], prefix: string): void => {
    for (const field of fields) {
      lines.push(row(field, prefix, options));
      if (field.object && !isElsewhere(field.object, shared))
        walk(fieldsOf(field.object), `${prefix}${field.name}${marks(field.type)}.`);
    }
  };
  walk(
    fieldsOf(schema).filter(({ name }) => !but(name)),
    "",
  );
  return lines.join("\n");
}

/** `[]` after a list, `{}` after a map: `ports[].name`. */
const marks = (type: string): string => (type.startsWith("[]") ? "[]" : type.startsWith("map[") ? "{}" : "");

const isElsewhere = ({ title = "" }: ReadableSchema, shared: TableOptions["shared"]): boolean =>
  title === METADATA || shared.has(title);

function row(field: SchemaField, prefix: string, { shared, isWritten }: TableOptions): string {
  const { name, type, object, isRequired, allowed, description } = field;
  const words = escaped([description, allowed ? `Allowed: ${allowed}.` : ""].filter((part) => part !== "").join(" "));
  const cells = [
    `\`${prefix}${name}\``,
    object && isElsewhere(object, shared) ? `[${type}](${placeOf(object)})` : type,
    field.default === undefined ? "" : `\`${field.default}\``,
    isRequired && isWritten ? `**Required.** ${words}` : words,
  ];
  return `| ${cells.join(" | ")} |`;
}

const placeOf = ({ title = "" }: ReadableSchema): string =>
  title === METADATA ? "metadata.md" : `#${title.toLowerCase()}`;

/** Code stays as it is; elsewhere Markdown would read `<` as HTML and `*` as emphasis. */
const escaped = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll(/[\\<*]/g, (sign) => `\\${sign}`)))
    .join("")
    .replaceAll("|", "\\|");

/** Objects with a title that several fields hold, by title, in the order of the schema. */
function titlesUsedTwice(root: ReadableSchema): Map<string, ReadableSchema> {
  const seen = new Map<string, { schema: ReadableSchema; times: number }>();
  const walk = (schema: ReadableSchema): void => {
    for (const field of Object.values(schema.properties ?? {})) {
      const object = objectIn(field);
      if (!object) continue;
      const { title } = object;
      if (title === undefined || title === METADATA) walk(object);
      else {
        const entry = seen.get(title) ?? { schema: object, times: 0 };
        seen.set(title, entry);
        entry.times++;
        if (entry.times === 1) walk(object);
      }
    }
  };
  walk(root);
  return new Map([...seen].filter(([, { times }]) => times > 1).map(([title, { schema }]) => [title, schema]));
}
