/** A parameter of a path or a query. */
export interface Parameter {
  name: string;
  in: "query" | "path";
  type: "string" | "integer" | "boolean";
  description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});

const path = (name: string, description: string): Parameter => ({ name, in: "path", type: "string", description });

export const ofPath = {
  namespace: path("namespace", "The namespace of the object."),
  name: path("name", "The name of the object."),
} as const;

export const pretty = query("pretty", "string", "`true`: the answer is indented.");

const dryRun = query("dryRun", "string", "`All`: everything is checked and answered, nothing is kept.");

export const ofSelection: readonly Parameter[] = [
  query("continue", "string", "Of the page before: ask for the next one."),
  query("fieldSelector", "string", "Only objects with such fields. Default: all."),
  query("labelSelector", "string", "Only objects with such labels. Default: all."),
  query("limit", "integer", "At most so many objects on one page."),
  query("resourceVersion", "string", "Which revision the answer may or must show."),
  query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
  query("sendInitialEvents", "boolean", "With watch: first everything that is there, then a bookmark."),
  query("timeoutSeconds", "integer", "After so many seconds the answer ends, whatever there is."),
];

export const ofList: readonly Parameter[] = [
  query("allowWatchBookmarks", "boolean", "With watch: events of the type BOOKMARK may come."),
  ...ofSelection,
  query("watch", "boolean", "Watch for changes instead of listing."),
];

export const ofWrite: readonly Parameter[] = [
  dryRun,
  query("fieldManager", "string", "In whose name the fields are written."),
  query("fieldValidation", "string", "What becomes of unknown and duplicate fields: Ignore, Warn (default), Strict."),
];

export const ofPatch: readonly Parameter[] = [
  ...ofWrite,
  query("force", "boolean", "Of an apply: take fields away from other managers."),
];

export const ofDelete: readonly Parameter[] = [
  dryRun,
  query("gracePeriodSeconds", "integer", "Seconds that it may take to end. Default: as the object says."),
  query("orphanDependents", "boolean", "Older word for propagationPolicy Orphan."),
  query("propagationPolicy", "string", "What becomes of dependents: Background, Foreground, Orphan."),
];

export const ofLog: readonly Parameter[] = [
  query("follow", "boolean", "Go on with what comes."),
  query("limitBytes", "integer", "At most so many bytes."),
  query("previous", "boolean", "Of the run before."),
  query("sinceSeconds", "integer", "Only lines that are not older."),
  query("sinceTime", "string", "Only lines since then (RFC 3339)."),
  query("tailLines", "integer", "Only so many of the last lines."),
  query("timestamps", "boolean", "Put the time before each line."),
];

export const ofDiff: readonly Parameter[] = [
  query("commit", "string", "This commit, instead of what the ref names: 40 hexadecimal digits."),
];

export const ofExec: readonly Parameter[] = [
  query("command", "string", "Program and arguments, one parameter for each."),
  query("stdin", "boolean", "Standard input is sent."),
  query("tty", "boolean", "With a terminal."),
];
