import { expired } from "../api/errors.ts";
import type { Stored } from "../api/object.ts";
import { decodeContinue, encodeContinue } from "./continue-token.ts";
import type { History } from "./history.ts";
import type { PathIndex } from "./path-index.ts";
import type { Path, StoreEvent, StoreList, StoreListOptions } from "./store.ts";

interface Page {
  paths: Path[];
  items: Stored[];
  left: number;
}

/** One page of the Objects under `prefix`, as they were at the revision of the first page. Throws `BadRequest`, `Expired`. */
export function listPage(
  objects: PathIndex,
  history: History,
  revision: number,
  prefix: Path,
  options: StoreListOptions = {},
): StoreList {
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  if (options.continue === undefined) return toList(objects.page(prefix, undefined, limit), revision);
  const token = decodeContinue(options.continue, prefix);
  if (token.revision < history.compacted || token.revision > revision) throw tooOld();
  const since = history.after(token.revision).filter((event) => event.path.startsWith(prefix));
  const page =
    since.length === 0
      ? objects.page(prefix, token.after, limit)
      : pageBefore(objects, since, prefix, token.after, limit);
  return toList(page, token.revision);
}

/** Undoes `since` on the current Objects: the first event of a path knows what was there before. */
function pageBefore(objects: PathIndex, since: StoreEvent[], prefix: Path, after: Path, limit?: number): Page {
  const then = new Map<Path, Stored | undefined>();
  for (const event of since) if (!then.has(event.path)) then.set(event.path, event.previous);
  const paths = objects.paths(prefix, after).filter((path) => !then.has(path));
  for (const [path, object] of then) if (object && path > after) paths.push(path);
  paths.sort();
  const shown = paths.slice(0, limit);
  const items = shown.map((path) => then.get(path) ?? (objects.get(path) as Stored));
  return { paths: shown, items, left: paths.length - shown.length };
}

function toList({ paths, items, left }: Page, revision: number): StoreList {
  const last = paths.at(-1);
  if (left === 0 || last === undefined) return { items, revision };
  return { items, revision, continue: encodeContinue({ revision, after: last }), remaining: left };
}

const tooOld = (): Error =>
  expired(
    "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.",
  );
