import { constants } from "node:os";
import { withEmbeddedFile } from "./embedded-file.ts";

/**
 * Loads a native addon whose bytes the program carries in itself: the dynamic loader wants a file. Throws an AggregateError that
 * says why each directory would not do.
 * @param name the file's name without its ending, e.g. `koffi-3f2a...`; it must name the content (a hash)
 */
export const loadAddon = (name: string, bytes: Uint8Array, directories?: string[]): unknown =>
  withEmbeddedFile(`${name}.node`, bytes, open, directories);

function open(path: string): unknown {
  const module = { exports: {} as unknown };
  process.dlopen(module, path, constants.dlopen?.RTLD_NOW ?? 0);
  return module.exports;
}
