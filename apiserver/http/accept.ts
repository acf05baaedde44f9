import { StatusError } from "../../api/errors.ts";

/** One of the forms that a client accepts, best first. */
export interface Acceptable {
  /** `application/json`, `text/*`, all in lower case. */
  type: string;
  parameters: ReadonlyMap<string, string>;
}

export interface Rendering {
  as: "Object" | "Table" | "PartialObjectMetadata";
  /** Of meta.k8s.io, for Table and PartialObjectMetadata. */
  version: "v1" | "v1beta1";
  media: "application/json" | "application/yaml";
}

const MOST_CLAUSES = 32;

/** Reads an Accept header (RFC 9110 12.5.1); without the header, or with an empty one, everything is accepted. */
export function parseAccept(header: string | undefined): Acceptable[] {
  const clauses = (header || "*/*").split(",", MOST_CLAUSES).map((clause) => {
    const [type = "", ...rest] = clause.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => pair(part)));
    const quality = Number(parameters.get("q") ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
  });
  return clauses.filter((clause) => clause.quality > 0).sort((a, b) => b.quality - a.quality);
}

function pair(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0
    ? [text.toLowerCase(), ""]
    : [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** The first form that we can give. Throws NotAcceptable when there is none, as for a client that takes protobuf only. */
export function negotiate(header: string | undefined, options: { yaml: boolean } = { yaml: true }): Rendering {
  for (const clause of parseAccept(header)) {
    const media = mediaOf(clause.type, options.yaml);
    const form = media && formOf(clause.parameters);
    if (form) return { ...form, media };
  }
  const types = options.yaml ? "application/json, application/yaml" : "application/json";
  throw new StatusError("NotAcceptable", `only the following media types are accepted: ${types}`);
}

function mediaOf(type: string, yaml: boolean): Rendering["media"] | undefined {
  if (type === "application/json" || type === "application/*" || type === "*/*") return "application/json";
  return type === "application/yaml" && yaml ? "application/yaml" : undefined;
}

function formOf(parameters: Acceptable["parameters"]): Omit<Rendering, "media"> | undefined {
  const as = parameters.get("as");
  if (as === undefined) return { as: "Object", version: "v1" };
  const version = parameters.get("v");
  if (parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  if (as === "Table") return { as, version };
  return as === "PartialObjectMetadata" || as === "PartialObjectMetadataList"
    ? { as: "PartialObjectMetadata", version }
    : undefined;
}
