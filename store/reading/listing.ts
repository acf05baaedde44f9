import { expired, tooLargeRevision, tooOldToList } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import type { Histories } from "../history/histories.ts";
import type { Path, StoreEvent, StoreList, StoreListOptions } from "../store.ts";
import { decodeContinue, encodeContinue, NOW } from "./continue-token.ts";
import type { PathIndex } from "./path-index.ts";

interface Page {
  paths: Path[];
  items: Stored[];
  left: number;
}

/** One page of the Objects under `prefix`, as they were at the revision of the first page. Throws `BadRequest`, `Expired`. */
export function listPage(
  objects: PathIndex,
  histories: Histories,
  revision: number,
  prefix: Path,
  options: StoreListOptions = {},
): StoreList {
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  const { at, after } = placeOf(options, prefix);
  if (at === NOW) return toList(objects.page(prefix, after, limit), revision);
  const isTooOld = at < histories.compactedBelow(prefix);
  if (after !== undefined && (isTooOld || at > revision)) throw tooOldToContinue(after);
  if (isTooOld) throw tooOldToList();
  if (at > revision) throw tooLargeRevision(at, revision);
  const since = histories.after(prefix, at);
  const page =
    since.length === 0 ? objects.page(prefix, after, limit) : pageBefore(objects, since, prefix, after ?? "", limit);
  return toList(page, at);
}

/** Which revision is asked for, and after which path; no path: from the beginning. */
function placeOf({ continue: token, at = NOW }: StoreListOptions, prefix: Path): { at: number; after?: Path } {
  if (token === undefined) return { at };
  const { revision, after } = decodeContinue(token, prefix);
  return { at: revision, after };
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

/** In the words of Kubernetes (`storage.handleCompactedErrorForPaging`): its clients know what to do with the token. */
const tooOldToContinue = (after: Path): Error =>
  expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    encodeContinue({ revision: NOW, after }),
  );
