import { simpleText } from "./simple/write-simple.ts";

/** As `toYaml`, for programs that start: the `yaml` package is loaded only for what is not simple to write. */
export const toYamlLazily = async (value: unknown): Promise<string> =>
  simpleText(value) ?? (await import("./to-yaml.ts")).libraryText(value);
