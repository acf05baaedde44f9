import { json } from "./json.ts";

/** A value that is no object of the API (versions, the kubeconfig). */
export const printValue = async (format: "json" | "yaml", value: unknown): Promise<string> =>
  format === "json" ? json(value) : (await import("../../../api/yaml/to-yaml.ts")).toYaml(value);
