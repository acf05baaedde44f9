import type { ObjectList } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import type { Rendering } from "../http/accept.ts";
import { isTrue } from "../http/query.ts";
import { eventLineOf, jsonOf, momentaryLineOf, partialJsonOf } from "./object-json.ts";
import { type TableConvertor, type TableOptions, tableJson } from "./table.ts";

/** What is shown: a Storage, as far as it matters here. */
interface Rendered {
  resource: Resource;
  table?: TableConvertor;
}

const byName: TableConvertor = { columns: [], begin: () => () => "" };

/** Writes Objects in the form the client asked for. Always as JSON text. */
export class Renderer {
  readonly #resource: Resource;
  readonly #rendering: Rendering;
  readonly #table: TableConvertor;
  readonly #includeObject: TableOptions["includeObject"];
  readonly #form: string;

  /** Throws BadRequest for an unknown `includeObject`. */
  constructor({ resource, table = byName }: Rendered, rendering: Rendering, query: URLSearchParams) {
    this.#resource = resource;
    this.#rendering = rendering;
    this.#table = table;
    this.#includeObject = includeObjectOf(query);
    const { as, version } = rendering;
    this.#form = `${apiVersionOf(resource)} ${resource.plural} ${as} ${version} ${this.#includeObject}`;
  }

  get contentType(): string {
    return this.#rendering.media;
  }

  /** A line of a watch. `first` false leaves the column definitions out, as clients remember those of the first event. */
  event(type: string, object: Stored, first: boolean): Buffer {
    if (this.#rendering.as === "Object") return eventLineOf(type, object);
    const write = (): string => `{"type":"${type}","object":${this.object(object, first)}}\n`;
    return momentaryLineOf(`${type} ${first} ${this.#form}`, object, write);
  }

  object(object: Stored, columnDefinitions = true): string {
    const { as, version } = this.#rendering;
    if (as === "Object") return jsonOf(object);
    if (as === "PartialObjectMetadata") return partialJsonOf(object, version);
    return [...this.#rows([object], { resourceVersion: object.metadata.resourceVersion }, columnDefinitions)].join("");
  }

  /** In parts, so that a long list is never there twice. */
  *list({ items, metadata }: ObjectList): Generator<string> {
    const { as, version } = this.#rendering;
    if (as === "Table") return yield* this.#rows(items, metadata, true);
    const partial = as === "PartialObjectMetadata";
    const kind = partial ? "PartialObjectMetadataList" : `${this.#resource.kind}List`;
    // Where nothing is kept there is no revision.
    const shown = { ...metadata, resourceVersion: metadata.resourceVersion || undefined };
    const apiVersion = partial ? `meta.k8s.io/${version}` : apiVersionOf(this.#resource);
    yield `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(shown)},"items":[`;
    let comma = "";
    for (const item of items) {
      yield comma + (partial ? partialJsonOf(item, version) : jsonOf(item));
      comma = ",";
    }
    yield "]}";
  }

  /** The Object of a BOOKMARK: nothing but a revision, and the mark that ends the initial events of a watch. */
  bookmark(resourceVersion: string, endsInitialEvents: boolean): string {
    const { as, version } = this.#rendering;
    const annotations = endsInitialEvents ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
    const metadata = { resourceVersion, creationTimestamp: null, ...annotations };
    const own = { kind: this.#resource.kind, apiVersion: apiVersionOf(this.#resource), metadata };
    const partial = { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
    if (as === "Object") return JSON.stringify(own);
    if (as === "PartialObjectMetadata") return JSON.stringify(partial);
    const row = { cells: [], object: partial };
    return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":{"resourceVersion":"${resourceVersion}"},"columnDefinitions":[],"rows":[${JSON.stringify(row)}]}`;
  }

  #rows(objects: readonly Stored[], metadata: object, columnDefinitions: boolean): Generator<string> {
    const { version } = this.#rendering;
    return tableJson(this.#table, objects, metadata, {
      version,
      columnDefinitions,
      includeObject: this.#includeObject,
    });
  }
}

/** Indented for people: asked for with `pretty`, or for what people type into by hand, as the real server does. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  return query.has("pretty") ? isTrue(query.get("pretty")) : /^(curl|Wget|Mozilla)\//.test(userAgent ?? "");
}

export const pretty = (json: string): string => `${JSON.stringify(JSON.parse(json), null, 2)}\n`;

function includeObjectOf(query: URLSearchParams): TableOptions["includeObject"] {
  const said = query.get("includeObject") || "Metadata";
  if (said === "None" || said === "Metadata" || said === "Object") return said;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(said)}`);
}
