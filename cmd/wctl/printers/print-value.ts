import { toYamlLazily } from "../../../api/yaml/to-yaml-lazily.ts";
import { json } from "./json.ts";

/** A value that is no object of the API (versions, the kubeconfig). */
export const printValue = async (format: "json" | "yaml", value: unknown): Promise<string> =>
  format === "json" ? json(value) : await toYamlLazily(value);
