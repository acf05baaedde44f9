import { gitSources, namespaces } from "../../../api/scheme.ts";
import type { Context } from "../command/command.ts";
import type { Option } from "../command/option.ts";
import { loadKubeconfigOf } from "../input/load-kubeconfig.ts";
import { nothing, type Offer, wordsOf } from "./offer.ts";
import { serverNames } from "./server-names.ts";

const OUTPUTS = ["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"];

/** What may be the value of a flag. */
export async function flagValues(option: Option, context: Context): Promise<Offer> {
  if (option.oneOf) return wordsOf(option.oneOf);
  if (option.type === "boolean") return wordsOf(["true", "false"]);
  if (option.name === "namespace") return wordsOf(await serverNames(namespaces, context));
  if (option.name === "context") return wordsOf(await named("contexts", context));
  if (option.name === "cluster") return wordsOf(await named("clusters", context));
  if (option.name === "user") return wordsOf(await named("users", context));
  if (option.placeholder === "gitsource/NAME")
    return wordsOf((await serverNames(gitSources, context)).map((name) => `gitsource/${name}`));
  if (option.name === "output" && option.placeholder === "FORMAT") return wordsOf(OUTPUTS);
  return /FILE|DIR/.test(option.placeholder ?? "") ? { candidates: [], files: true } : nothing;
}

/** What the kubeconfig has names for. */
export async function named(what: "contexts" | "clusters" | "users", context: Context): Promise<string[]> {
  try {
    const { config } = await loadKubeconfigOf(context);
    return (config[what] ?? []).map(({ name }) => name).filter((name) => !/[\x00-\x1f\x7f]/.test(name));
  } catch {
    return [];
  }
}
