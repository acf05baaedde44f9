/** Of `leaves`: there is no such object any more. */
export const gone = Symbol("gone");
/** Of `leaves`: another object has its name. */
export const renewed = Symbol("renewed");

/** One command, and what it does. `NS` in its texts is the namespace that is this kubectl's own. */
export interface Row {
  /** What is typed after `kubectl`, words between blanks. */
  run: string;
  stdin?: string;
  /** What stands in the environment for an editor: words of a program that is given a file. */
  editor?: string;
  /** The exit code; 0 when absent. */
  code?: number;
  /** What stdout says; nothing when absent. */
  out?: RegExp;
  /** What stderr says; nothing when absent. */
  err?: RegExp;
  /** `kind/name` -> a part of what it is afterwards, and was not before: a row that changes nothing proves nothing. */
  leaves?: Readonly<Record<string, object | typeof gone | typeof renewed>>;
  /** `kind/name`: objects that are there, and stay as they are. */
  keeps?: readonly string[];
  /** The command goes on until `out` is seen, and is interrupted then. `change` gets this merge patch as soon as anything was printed. */
  watching?: { change?: string; to?: object };
  /** Minor versions of kubectl that it holds for: from `since`, before `until`. */
  since?: number;
  until?: number;
  /** How it is printed, or refused, is kubectl's own matter: one version runs it, since a start is dear. */
  once?: true;
  /** Why this does not work yet. The row is not run. */
  missing?: string;
}

/** Rows that build on each other, and on nothing else but `given`: manifests that are there before. */
export interface Group {
  title: string;
  given?: string;
  rows: readonly Row[];
}

export const holdsFor = ({ since = 0, until = Number.POSITIVE_INFINITY }: Row, minor: number): boolean =>
  minor >= since && minor < until;
