import type { Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import type { Desired } from "./desired.ts";

/** An Object that this folder made, as it is in the API. */
export interface Made {
  id: string;
  resource: Resource;
  object: Stored;
}

export interface PruneSituation {
  desired: Desired;
  made: readonly Made[];
  /** Not a single manifest file is there. */
  folderEmpty: boolean;
  /** This folder was seen before, with manifests in it: its emptiness is somebody's doing and not a missing mount. */
  folderKnown: boolean;
  /** Somebody confirmed that any number may go. */
  allowed: boolean;
  /** Since when has it been missing from the folder, in ms? */
  missingMs(one: Made): number;
}

export interface Pruning {
  prune: Made[];
  /** Missing for too short a time: look again after this long. */
  waitMs?: number;
  refusal?: string;
}

/** Editors and copies take files away for a moment, and write them piece by piece: only what stays away is gone. */
export const SETTLE_MS = 1_000;
/** So few may always go, even if they are all there were. */
const FEW = 10;

/**
 * Which Objects are to be deleted because the folder does not declare them any more. Careful, for a folder is easily lost:
 * - nothing of a file that cannot be read; nothing at all while a file that cannot be read may declare anything;
 * - nothing when a folder is empty that was not seen with manifests before, as after a start or under a missing mount;
 * - not more than half of the Objects at once, when that is more than 10, unless somebody confirms it.
 */
export function planPrune(situation: PruneSituation): Pruning {
  const { desired, made, allowed } = situation;
  const missing = made.filter(
    ({ id, object }) => !desired.objects.has(id) && !desired.contested.has(id) && !isHeld(desired, object),
  );
  if (missing.length === 0 || hasUnknownFile(desired, made)) return { prune: [] };
  const ripe = missing.filter((one) => situation.missingMs(one) >= SETTLE_MS);
  if (ripe.length < missing.length) {
    return { prune: [], waitMs: SETTLE_MS - Math.min(...missing.map((one) => situation.missingMs(one))) };
  }
  const refusal = allowed ? undefined : whyNot(situation, missing.length);
  return refusal === undefined ? { prune: missing } : { prune: [], refusal };
}

function whyNot({ made, folderEmpty, folderKnown }: PruneSituation, count: number): string | undefined {
  const confirm = `put an empty file .wctl-allow-prune into the folder to confirm`;
  if (folderEmpty && !folderKnown) {
    return `the folder has no manifests, but ${count} objects were made from it: is it the right folder, is it mounted? Nothing is pruned; ${confirm}`;
  }
  if (count > FEW && count * 2 > made.length) {
    return `${count} of ${made.length} objects would be pruned at once. Nothing is pruned; ${confirm}`;
  }
  return undefined;
}

export const fileOf = ({ metadata }: Stored): string | undefined =>
  metadata.annotations?.[wellKnown.sourceFileAnnotation];

const isHeld = ({ broken }: Desired, object: Stored): boolean => broken.has(fileOf(object) ?? "");

/** A broken file that made nothing yet: it may be a renamed one, and what is missing may be in it. */
function hasUnknownFile({ broken }: Desired, made: readonly Made[]): boolean {
  const files = new Set(made.map(({ object }) => fileOf(object)));
  return [...broken].some((path) => !files.has(path));
}
