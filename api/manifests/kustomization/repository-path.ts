/**
 * `entry` of a file in `folder`, from the root of the repository; `""` is the root itself. Returns a problem, in words that follow the field's name,
 * for whatever leads out of it or is no path.
 */
export function repositoryPath(folder: string, entry: string): { path: string } | { problem: string } {
  if (/^[a-z][a-z0-9+.-]*:|^git@|^github\.com\/|\?ref=/i.test(entry)) {
    return { problem: "must be a path in this repository: nothing is fetched from elsewhere" };
  }
  if (entry.startsWith("/") || /[\\\u0000-\u001f]/.test(entry)) {
    return { problem: "must be a relative path with forward slashes" };
  }
  const parts = folder.split("/").filter((part) => part !== "");
  for (const part of entry.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return { problem: "leads out of the repository" };
  }
  return { path: parts.join("/") };
}

export const isBelow = (path: string, folder: string): boolean => folder === "" || path.startsWith(`${folder}/`);

/** The outermost first, without the root. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
