import type { ConfigChange, ContentStatus } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { canonical, shortHash } from "../history/revision.ts";
import { changedKeys, type Digests } from "./present.ts";

/** What is there now. */
export interface Look {
  /** Names the key of the digests. */
  key: string;
  /** Names the template of the spec. */
  template: string;
  present: Digests;
  /** False: it changes in place, and makes no revision. */
  isCounted: (id: string) => boolean;
  /** Of these, what nothing can have started without. */
  firstSeen: Digests;
  /** Finished: nothing runs that could be outdated, and what has finished is not run again. */
  action: ConfigChange["action"] | "Finished";
}

/**
 * What is in force without any change of content: the first look, another key of the digests, and what is seen for the first time only add to what is
 * known. A new template takes in all that is there: its copies are new anyway, and one apply often changes both.
 */
export function inForce(recorded: ContentStatus | undefined, look: Look): ContentStatus {
  const { key, template, present, firstSeen } = look;
  if (!recorded) return { key, template, digests: present, first: nameOf(present) };
  const known = recorded.key === key ? recorded : relearnt(recorded, look);
  if (known.template !== template) return { ...withDigests(known, present), template };
  const { outdated: _, ...base } = learnt(known, firstSeen);
  const outdated = look.action === "None" ? changedKeys(base.digests, present) : undefined;
  return outdated === undefined ? base : { ...base, outdated };
}

/** There is something that the present revision does not have, and it rolls out. */
export const isWaiting = (content: ContentStatus, look: Look): boolean =>
  look.action !== "None" && look.action !== "Finished" && !sameJson(content.digests, wanted(content, look));

/** From now on what is there is part of the revision. */
export const adopted = (content: ContentStatus, look: Look): ContentStatus => {
  const digests = wanted(content, look);
  const changed = changedKeys(content.digests, digests);
  return { ...withDigests(content, digests), ...(changed === undefined ? {} : { changed }) };
};

/** What is there, but for what changes in place: that stays as the revision has it. */
export function wanted({ digests }: ContentStatus, { present, isCounted }: Look): Digests {
  const kept = Object.entries(digests).filter(([id]) => !isCounted(id));
  const counted = Object.entries(present).filter(([id]) => isCounted(id));
  return Object.fromEntries([...kept, ...counted]);
}

function withDigests({ key, template, first }: ContentStatus, digests: Digests): ContentStatus {
  const digest = nameOf(digests);
  return { key, template, digests, first, ...(digest === first ? {} : { digest }) };
}

/** Digests of another key can't be compared: what is there now counts as what was there before. */
function relearnt(recorded: ContentStatus, { key, present }: Look): ContentStatus {
  return { ...recorded, key, digests: present, ...(recorded.digest === undefined ? { first: nameOf(present) } : {}) };
}

function learnt(known: ContentStatus, firstSeen: Digests): ContentStatus {
  if (Object.keys(firstSeen).length === 0) return known;
  const digests = { ...known.digests, ...firstSeen };
  return { ...known, digests, ...(known.digest === undefined ? { first: nameOf(digests) } : {}) };
}

export const nameOf = (digests: Digests): string => shortHash(canonical(digests));
