import type { Composed, YamlReading } from "../composed.ts";
import { documents } from "./documents.ts";
import { placesOf } from "./places.ts";
import { ifSure } from "./unsure.ts";

/**
 * The documents of a text in the simple part of YAML, in which almost all manifests and kubeconfigs are written: maps and lists in either style, scalars
 * in every style, comments. Undefined for everything that it is not sure of: the library reads that, and says what is wrong with it. What it does return is what the
 * library returns, with the same places. It exists because the library takes thirty times as long, and has to be loaded.
 */
export function simpleYaml(text: string, { variables }: Pick<YamlReading, "variables"> = {}): Composed[] | undefined {
  if (variables && MAY_NAME_A_VARIABLE.test(text)) return undefined;
  const roots = ifSure(() => documents(text, undefined));
  // Few ask for places: they are looked for when somebody does.
  let places: ReturnType<typeof placesOf> | undefined;
  return roots?.map(({ value, document, line, range }, index) => ({
    value,
    document,
    line,
    range,
    grown: 0,
    locate(path) {
      places ??= placesOf(text);
      return places(index, path);
    },
  }));
}

/** Also by escapes. */
const MAY_NAME_A_VARIABLE = /\$\{|\\[xu]/;
