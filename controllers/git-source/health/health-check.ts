import { findCondition } from "../../../api/conditions.ts";
import type { KubeObject, Stored } from "../../../api/object.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { parseDuration } from "../../../lib/duration.ts";
import type { InformerEvent } from "../../../machinery/informer.ts";
import type { AppliedObject } from "../../source/inventory.ts";
import { ObjectsHealth } from "./objects-health.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Reason of `Ready=Unknown`. */
export const PROGRESSING = "Progressing";
/** Reason of `Ready=False`. */
export const HEALTH_CHECK_FAILED = "HealthCheckFailed";

/** Changes of one moment are judged together. */
const DEBOUNCE_MS = 250;
/** Where only words change, they are told this often. */
const WORDS_MS = 5_000;

/** Judges what a source with `spec.wait` has applied, at each look and whenever the health of something changes. It never holds up a look. */
export class HealthCheck {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #objects: ObjectsHealth;
  /** Which revision is judged, and since when. */
  #judged: { what: string; since: number } | undefined;
  #unhealthySince: number | undefined;
  #told: { verdict: Verdict; at: number } | undefined;
  #wake = (): void => {};
  #isDue = false;

  /** Undefined for a source that does not wait. */
  static of(source: Stored<GitSource>, clock: Clock): HealthCheck | undefined {
    return source.spec.wait ? new HealthCheck(source, clock) : undefined;
  }

  private constructor(source: Stored<GitSource>, clock: Clock) {
    this.#objects = new ObjectsHealth(source);
    this.#timeoutMs = parseDuration(source.spec.healthTimeout ?? "5m");
    this.#clock = clock;
  }

  /** Something of the source was seen to be different. */
  changed({ type, object }: InformerEvent, resource: Resource<KubeObject>): void {
    if (type === "Deleted") this.#objects.deleted(resource, object);
    else if (!this.#objects.changed(resource, object)) return;
    this.#look();
  }

  /** How a revision is that was applied. `current` says what was told of it last. */
  judge(
    applied: ReadonlyMap<string, AppliedObject>,
    revision: string | undefined,
    generation: number,
    current: GitSource["status"],
  ): Verdict {
    const verdict = this.#verdict(applied, `${generation} ${revision}`, toldBefore(current, revision, generation));
    this.#told = { verdict, at: this.#clock.now() };
    if (verdict.wakeMs !== undefined) this.#look(); // Another judgement is due then.
    return verdict;
  }

  /** Has `tell` called whenever another judgement is due, until the signal aborts. It calls `judge`, unless a look is to come first. */
  async run(tell: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#rest(this.#told?.verdict.wakeMs, signal);
      await sleep(this.#clock, DEBOUNCE_MS, signal).catch(() => {});
      if (signal.aborted) return;
      this.#isDue = false;
      await tell();
    }
  }

  /** Is there something to tell? `judge` tells it then. Words alone wait for their time. */
  isNews(applied: ReadonlyMap<string, AppliedObject>): boolean {
    const { what } = this.#judged ?? {};
    if (what === undefined || !this.#told) return false;
    const { verdict, at } = this.#told;
    const now = this.#verdict(applied, what, verdict.state);
    if (now.state !== verdict.state) return true;
    const wordsInMs = now.message === verdict.message ? undefined : at + WORDS_MS - this.#clock.now();
    if (wordsInMs !== undefined && wordsInMs <= 0) return true;
    const wakeMs = Math.min(wordsInMs ?? Number.POSITIVE_INFINITY, now.wakeMs ?? Number.POSITIVE_INFINITY);
    const { wakeMs: _, ...same } = verdict;
    this.#told = { verdict: Number.isFinite(wakeMs) ? { ...same, wakeMs } : same, at };
    return false;
  }

  #look(): void {
    this.#isDue = true;
    this.#wake();
  }

  #verdict(applied: ReadonlyMap<string, AppliedObject>, what: string, before: Verdict["state"] | undefined): Verdict {
    const now = this.#clock.now();
    if (this.#judged?.what !== what) {
      this.#judged = { what, since: now };
      this.#unhealthySince = undefined;
    }
    const unhealthy = this.#objects.unhealthyOf(applied);
    this.#unhealthySince = unhealthy.length === 0 ? undefined : (this.#unhealthySince ?? now);
    return verdictOf({
      unhealthy,
      objects: applied.size,
      judgedMs: now - this.#judged.since,
      unhealthyMs: now - (this.#unhealthySince ?? now),
      timeoutMs: this.#timeoutMs,
      before,
    });
  }

  async #rest(ms: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#isDue) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(this.#clock, ms ?? 3_600_000, AbortSignal.any([signal, woken.signal])).catch(() => {});
    this.#wake = () => {};
  }
}

/** By the condition Ready, so that a daemon that begins anew goes on. */
function toldBefore(
  status: GitSource["status"],
  revision: string | undefined,
  generation: number,
): Verdict["state"] | undefined {
  const ready = findCondition(status?.conditions, "Ready");
  if (status?.lastAppliedRevision !== revision || ready?.observedGeneration !== generation) return undefined;
  if (ready.status === "True") return "Healthy";
  if (ready.reason === HEALTH_CHECK_FAILED) return "Failed";
  return ready.reason === PROGRESSING ? "Progressing" : undefined;
}
