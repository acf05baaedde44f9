import type { Health } from "../../../api/health/health-status.ts";
import { count } from "../../../lib/wording.ts";

/** An Object that keeps a source from being healthy. */
export interface Unhealthy {
  /** `Process default/web`. */
  title: string;
  health: Exclude<Health, "Healthy" | "Suspended">;
  /** Empty where its words are not for everybody who reads the source. */
  message: string;
}

/** What is told of the health of a revision that was applied. */
export interface Verdict {
  state: "Healthy" | "Progressing" | "Failed";
  /** Which Objects are not healthy and why, one on each line. */
  message: string;
  /** The same without a word of theirs. */
  names: string;
  /** It may be another one after so many ms, although nothing changes. */
  wakeMs?: number;
}

export interface HealthSituation {
  unhealthy: readonly Unhealthy[];
  /** How many Objects are judged. */
  objects: number;
  /** Since this revision was judged for the first time. */
  judgedMs: number;
  /** Since something of it is not healthy. */
  unhealthyMs: number;
  timeoutMs: number;
  /** What was told of this revision last. */
  before: Verdict["state"] | undefined;
}

/** What was Degraded when a revision came that mends it needs a moment to notice: new content settles, what it depends on starts. */
const SETTLE_MS = 10_000;
const TOLD = 5;

/**
 * How a revision is. It fails as soon as something does not get there any more, or is on the way for too long. Once it was healthy, what is on the way again (somebody
 * restarts a program) has the same time before that counts; and once it has failed, only when all is healthy it is healthy again.
 */
export function verdictOf(situation: HealthSituation): Verdict {
  const { unhealthy, objects, judgedMs, unhealthyMs, timeoutMs, before } = situation;
  if (unhealthy.length === 0) return { state: "Healthy", message: "", names: "" };
  const sorted = inOrder(unhealthy);
  const told = { message: messageOf(sorted, objects), names: namesOf(sorted) };
  const isDegraded = unhealthy.some(({ health }) => health === "Degraded");
  const isSettled = judgedMs >= SETTLE_MS;
  if ((isDegraded && isSettled) || unhealthyMs >= timeoutMs || before === "Failed") return { state: "Failed", ...told };
  const left = timeoutMs - unhealthyMs;
  const wakeMs = isDegraded ? Math.min(left, SETTLE_MS - judgedMs) : left;
  return { state: before === "Healthy" ? "Healthy" : "Progressing", ...told, wakeMs };
}

function messageOf(unhealthy: readonly Unhealthy[], objects: number): string {
  const lines = unhealthy.slice(0, TOLD).map(({ title, health, message }) => `${title}: ${message || health}`);
  const more = unhealthy.length - lines.length;
  const all = [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  return `${unhealthy.length} of ${count(objects, "object")} not healthy: ${all}`;
}

function namesOf([first, ...more]: readonly Unhealthy[]): string {
  return `${first?.title} is ${first?.health}${more.length === 0 ? "" : `, and ${more.length} more`}`;
}

/** What has failed comes first. */
const inOrder = (unhealthy: readonly Unhealthy[]): Unhealthy[] =>
  unhealthy.toSorted(
    (a, b) => Number(b.health === "Degraded") - Number(a.health === "Degraded") || (a.title < b.title ? -1 : 1),
  );
