import { diffObjects } from "../../../../api/apply/diff.ts";
import { shortRevision } from "../../../../api/git/revision.ts";
import type { GitSourceDiff, ShownChange, ShownName } from "../../../../api/git/source-diff.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources, urlPath } from "../../../../api/scheme.ts";
import { enumerate } from "../../../../lib/wording.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { namedCommit } from "../../input/named-commit.ts";
import { line } from "../../output/output.ts";
import { warn } from "../../output/warn.ts";
import { painter } from "../../text/colour.ts";
import { objectName } from "../../text/name.ts";
import { plain, plainLine } from "../../text/plain.ts";
import { colouredDiff } from "./coloured-diff.ts";

/** The revision is good, and would be applied when somebody or something has let it go on. */
const WAITS: ReadonlySet<string> = new Set(["PruneRefused", "DependencyNotReady"]);

/** Prints what the next apply of a GitSource would change; resolves with whether that is anything. Rejects with why not all of it would be applied. */
export async function diffSource(name: string, commit: string | undefined, context: Context): Promise<boolean> {
  const { client, namespace } = await context.session.open();
  const query = commit === undefined ? "" : `?commit=${await commitOf(name, commit, context)}`;
  const path = urlPath(gitSources, namespace, name, "diff") + query;
  const answer = JSON.parse(await client.raw("GET", path, { signal: context.signal })) as GitSourceDiff;
  const { revision, changes, remainingChangeCount = 0, notCompared, findings } = answer.status;
  if (revision !== undefined && changes.length > 0)
    await line(context.out, `${objectName(gitSources, name)} at ${plainLine(shortRevision(revision))}`);
  for (const change of changes) await show(change, namespace, context);
  if (remainingChangeCount > 0) await line(context.out, `and ${remainingChangeCount} more`);
  if (notCompared.length > 0) {
    const names = notCompared.map((one) => called(one, namespace));
    await warn(context.err, `not compared, because you may not read them: ${enumerate(names)}`);
  }
  const waits = findings.filter(({ reason }) => WAITS.has(reason));
  for (const { message } of waits) await warn(context.err, message);
  throwCollected(findings.filter((one) => !waits.includes(one)).map(({ message }) => new Failure(plain(message))));
  return changes.length + remainingChangeCount > 0;
}

async function commitOf(name: string, text: string, { session }: Context): Promise<string> {
  const { client, namespace } = await session.open();
  const { status = {} } = await client.get(gitSources, makeKey(namespace, name));
  const named = namedCommit(text, status, "commit");
  if ("problem" in named) throw new Failure(`gitsources.wctl.dev ${JSON.stringify(name)}: ${named.problem}`);
  return named.commit;
}

/** As apply would say it, with where it is declared; then what differs. */
async function show(change: ShownChange, namespace: string, { out }: Context): Promise<void> {
  const { action, file, line: at, before, after, withheld } = change;
  const place = plainLine(at === undefined ? file : `${file}:${at}`);
  const why = withheld === undefined ? "" : `; ${notShown[withheld]}`;
  await line(out, `${called(change, namespace)} ${done[action]} (${place}${why})`);
  if (after) await out.write(colouredDiff(plain(diffObjects(before, after)), painter(out)));
}

const done = { Create: "created", Configure: "configured", Prune: "pruned", Release: "released" } as const;

const notShown = { Forbidden: "you may not read it", TooLarge: "too much to show" } as const;

/** `configmap/a`, `process.wctl.dev/web -n shop`. */
function called({ apiVersion, kind, namespace, name }: ShownName, own: string): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const where = namespace === undefined || namespace === own ? "" : ` -n ${plainLine(namespace)}`;
  return objectName({ kind, group }, name) + where;
}
