import { StatusError } from "../api/errors.ts";
import type { Stored } from "../api/object.ts";
import type { Path, StoreEvent, Unstamped } from "./store.ts";
import { shareStructure } from "./structural-sharing.ts";

/** The event that a write makes of the newest accepted version of its path, at the revision it is given. Throws when the write must be refused. */
export type Decide = (head: Stored | undefined, revision: number) => StoreEvent;

export function decideCreate(path: Path, object: Unstamped): Decide {
  return (head, revision) => {
    if (head) throw new StatusError("AlreadyExists", `"${path}" already exists`);
    return { type: "ADDED", revision, path, object: stamp(object, revision) };
  };
}

export function decideUpdate(path: Path, object: Unstamped, expected: number): Decide {
  return (head, revision) => {
    const previous = unchanged(path, head, expected);
    return { type: "MODIFIED", revision, path, object: stamp(object, revision, previous), previous };
  };
}

export function decideDelete(path: Path, expected: number): Decide {
  return (head, revision) => {
    const previous = unchanged(path, head, expected);
    return { type: "DELETED", revision, path, object: stamp(previous, revision, previous), previous };
  };
}

/** The Object as the Store keeps it: frozen, with its revision. */
export function stamp(object: Unstamped, revision: number, previous?: Stored): Stored {
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  return shareStructure<Stored>({ ...object, metadata }, previous);
}

function unchanged(path: Path, head: Stored | undefined, expected: number): Stored {
  if (!head) throw new StatusError("NotFound", `"${path}" not found`);
  if (Number(head.metadata.resourceVersion) === expected) return head;
  throw new StatusError(
    "Conflict",
    `Operation cannot be fulfilled on "${path}": the object has been modified; please apply your changes to the latest version and try again`,
  );
}
