import { readYaml } from "../yaml/read-yaml.ts";
import { type Manifest, objectsIn, type Reading } from "./manifest.ts";

/** Manifest text to Objects, at once. It brings the `yaml` package along: who must start quickly reads by `read-yaml-lazily.ts`. */
export const parseManifests = (source: string | Uint8Array, file: string, reading: Reading = {}): Manifest[] =>
  objectsIn(readYaml(source, file, reading), reading);
