import { ManifestError } from "../../manifest-error.ts";
import type { YamlDocument } from "../../yaml/yaml-document.ts";
import { Fields } from "./fields.ts";

/** Any of these makes a folder one that is built. */
export const KUSTOMIZATION_FILES: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

const KNOWN = [
  "apiVersion",
  "kind",
  "metadata",
  "resources",
  "namespace",
  "labels",
  "commonAnnotations",
  "patches",
  "configMapGenerator",
  "secretGenerator",
  "generatorOptions",
];

const CONTENT = KNOWN.filter((field) => field !== "apiVersion" && field !== "kind");

/** Whatever would change the result is refused, never passed over. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  bases: "list these folders in resources",
  buildMetadata: "leave it out",
  commonLabels: "use labels, which leaves selectors alone",
  components: "list a folder in resources instead",
  configurations: "leave it out",
  crds: "leave it out",
  generators: "use configMapGenerator or secretGenerator",
  helmCharts: "put the manifests that Helm makes into the repository",
  helmChartInflationGenerator: "put the manifests that Helm makes into the repository",
  helmGlobals: "put the manifests that Helm makes into the repository",
  images: "there are no images here",
  imageTags: "there are no images here",
  namePrefix: "names are referred to by others; write them out, or use a namespace for each copy",
  nameSuffix: "names are referred to by others; write them out, or use a namespace for each copy",
  openapi: "leave it out",
  patchesJson6902: "use patches",
  patchesStrategicMerge: "use patches",
  replacements: "use patches, or spec.substitute of the GitSource",
  replicas: "use patches",
  sortOptions: "Objects are applied in the order of what they depend on",
  transformers: "use labels, commonAnnotations or patches",
  validators: "everything is validated by the server before anything is applied",
  vars: "use patches, or spec.substitute of the GitSource",
};

const EMPTY = "a kustomization must say something: write resources: [] where nothing is meant";

/** The one map of a kustomization file. Its fields are all known; their values are checked where they are read. An empty one is refused, as kustomize does. */
export function kustomizationIn(documents: readonly YamlDocument[], file: string): Fields {
  const [document, another] = documents;
  if (!document) throw new ManifestError({ file, document: 1, line: 1, column: 1 }, EMPTY);
  const fields = Fields.of(document);
  if (another) throw Fields.of(another).refuse("", "a kustomization file has one document");
  const apiVersion = fields.text("apiVersion") ?? "kustomize.config.k8s.io/v1beta1";
  if (!/^kustomize\.config\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    throw fields.refuse("apiVersion", "must be kustomize.config.k8s.io/v1beta1");
  }
  if ((fields.text("kind") ?? "Kustomization") !== "Kustomization") {
    throw fields.refuse("kind", "must be Kustomization (components are not supported)");
  }
  fields.only(KNOWN, UNSUPPORTED);
  if (!CONTENT.some((field) => fields.has(field))) throw fields.refuse("", EMPTY);
  return fields;
}
