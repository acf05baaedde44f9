import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { OpenFolder } from "../../homes/measure-folder.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What is in it is named through its descriptor, so that no part of the way can be changed meanwhile. */
export const openFolder: OpenFolder = async (path) => {
  const handle = await open(path, FOLDER);
  return { path: `/proc/self/fd/${handle.fd}`, close: () => handle.close() };
};
