import { shownPair } from "../../api/apply/shown.ts";
import type {
  GitSourceDiff,
  ShownChange,
  ShownName,
  SourceChange,
  SourceDiff,
  SourceFinding,
} from "../../api/git/source-diff.ts";
import { apiVersionOf } from "../../api/scheme.ts";

export interface DiffLimits {
  /** Changed Objects, and those that are only named. */
  changes: number;
  findings: number;
  /** Of all Objects in the answer, as JSON. */
  characters: number;
}

const LIMITS: DiffLimits = { changes: 2_000, findings: 100, characters: 4 * 1024 * 1024 };

/**
 * What of a diff may be shown to somebody. An Object that is there and that he may not read is named, and nothing else is said of it: whether it would be changed
 * tells whether what is declared is what it holds, so that who may push could guess at a Secret until it is right. Pure.
 */
export function shownDiff(
  { revision, changes, findings }: SourceDiff,
  mayRead: (change: SourceChange) => boolean,
  limits: DiffLimits = LIMITS,
): GitSourceDiff["status"] {
  const shown: ShownChange[] = [];
  const notCompared: ShownName[] = [];
  let [room, remaining] = [limits.characters, 0];
  for (const change of changes) {
    const isReadable = mayRead(change);
    const { action, file, line } = change;
    const isCompared = isReadable || (action !== "Configure" && action !== "Unchanged");
    if (isCompared && action === "Unchanged") continue;
    if (shown.length + notCompared.length === limits.changes) remaining++;
    else if (!isCompared || action === "Unchanged") notCompared.push(nameOf(change));
    else {
      const content = isReadable ? contentOf(change, room) : withheld("Forbidden", change);
      room -= content.characters;
      shown.push({ action, ...nameOf(change), file, ...(line === undefined ? {} : { line }), ...content.part });
    }
  }
  return {
    ...(revision === undefined ? {} : { revision }),
    changes: shown,
    ...(remaining === 0 ? {} : { remainingChangeCount: remaining }),
    notCompared,
    findings: firstOf(findings, limits.findings),
  };
}

const nameOf = ({ resource, namespace, name }: SourceChange): ShownName => ({
  apiVersion: apiVersionOf(resource),
  kind: resource.kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});

function firstOf(findings: readonly SourceFinding[], most: number): SourceFinding[] {
  const more = findings.length - most;
  const rest = more > 0 ? [{ reason: findings[most]!.reason, message: `and ${more} more` }] : [];
  return [...findings.slice(0, most), ...rest];
}

interface Content {
  part: Pick<ShownChange, "before" | "after" | "withheld">;
  characters: number;
}

/** Of what goes only its name is told. */
function contentOf(change: SourceChange, room: number): Content {
  if (!change.after) return { part: {}, characters: 0 };
  const [before, after] = shownPair(change.before, change.after);
  const part = before ? { before, after } : { after };
  const characters = JSON.stringify(part).length;
  return characters > room ? withheld("TooLarge", change) : { part, characters };
}

const withheld = (why: "Forbidden" | "TooLarge", { after }: SourceChange): Content => ({
  part: after ? { withheld: why } : {},
  characters: 0,
});
