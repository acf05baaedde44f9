import type { Client } from "../../api/client.ts";
import type { NewCondition } from "../../api/conditions.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { GitReading } from "../../git/repository/git-thread.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseDuration } from "../../lib/duration.ts";
import type { Logger } from "../../lib/logger.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { SourceReading } from "../source/reader.ts";
import { Source } from "../source/source.ts";
import { brakeLimits } from "./brake-limits.ts";
import { GitReader } from "./git-reader.ts";
import { HealthCheck } from "./health/health-check.ts";
import type { Sources } from "./keys.ts";
import { rollbackOf } from "./rollback.ts";
import { sourceIdentityOf } from "./source-identity.ts";
import { type Looked, StatusWriter } from "./status-writer.ts";

export interface FollowerOptions {
  /** The source as it is now; undefined when it is gone. */
  source: () => Stored<GitSource> | undefined;
  sources: Sources;
  /** Has another source looked at. */
  look?: (key: Key) => void;
  git: GitReading;
  yaml: Pick<YamlThread, "readYaml">;
  /** The controller's own: it sees all, reads the Secret of the credentials, and writes the status. */
  client: Client;
  /** In whose name objects are written. */
  writer: Client;
  resources: readonly Resource[];
  nodeName: string;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  /** From 0 to 1. */
  random: () => number;
}

/** Of the interval, so that a thousand hosts do not ask at once. */
const JITTER = 0.1;

type Said = Pick<NewCondition, "status" | "reason" | "message">;

/** Follows one GitSource with one spec: the engine of every source, with the repository as its reader and the status to tell how it is. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #first: Stored<GitSource>;
  readonly #reader: GitReader;
  readonly #engine: Source;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #reading: SourceReading | undefined;
  #said: Said | undefined;
  #reconcileAt: string | undefined;
  #isRollback = false;
  /** Of the spec that is followed. */
  #generation: number;
  /** What the last look has found. */
  #last: Looked | undefined;
  readonly #health: HealthCheck | undefined;
  readonly #status: StatusWriter;

  constructor(first: Stored<GitSource>, options: FollowerOptions) {
    this.#options = options;
    this.#first = first;
    this.#generation = first.metadata.generation ?? 0;
    const { client, writer, clock, recorder, resources, random } = options;
    this.#health = HealthCheck.of(first, clock);
    this.#status = new StatusWriter({
      ...options,
      healthOf: ({ revision, generation }, status) =>
        this.#health?.judge(this.#engine.applied, revision, generation, status),
    });
    this.#reader = new GitReader({ ...options, source: () => this.#source() });
    const { spec } = first;
    this.#engine = new Source({
      client: writer,
      overview: client,
      clock,
      recorder,
      resources,
      logger: options.logger.child({ gitsource: keyOf(first) }),
      source: sourceIdentityOf(first),
      reader: {
        read: (signal) => this.#read(signal),
        lastGood: (signal) => this.#reader.lastGood(signal),
        watch: (on) => this.#reader.watch(on),
        close: () => this.#reader.close(),
      },
      target: {
        object: first,
        setCondition: async ({ status, reason, message }) => {
          this.#said = { status, reason, message };
        },
      },
      limits: brakeLimits(spec.maxDisruption),
      besideInvalid: "Hold",
      prunes: spec.prune ?? true,
      drift: "Correct",
      resyncMs: () => parseDuration(spec.interval ?? "1m") * (1 - JITTER + 2 * JITTER * random()),
      synced: (signal) => this.#writeStatus(signal),
      ...(this.#health && { changed: (event, resource) => this.#health?.changed(event, resource) }),
    });
  }

  start(): void {
    const { signal } = this.#stop;
    const judging = this.#health?.run(() => this.#tellHealth(signal), signal);
    this.#running = Promise.all([this.#engine.start(signal), judging]).then(() => {});
  }

  /** Somebody may have asked for a look, or confirmed something; or what it depends on has changed. */
  changed(): void {
    this.#reader.changed();
  }

  /** Were manifests seen in this repository? */
  isKnown(identity: string): boolean {
    return this.#engine.isKnown(identity);
  }

  /** Resolves when nothing of it goes on any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** As it is now, but with the spec that is followed: the account that writes and the limits are of that, and what another spec declares is not for them. */
  #source(): Stored<GitSource> | undefined {
    const source = this.#options.source();
    return source && { ...source, spec: this.#first.spec };
  }

  async #read(signal: AbortSignal): Promise<SourceReading> {
    const source = this.#options.source() ?? this.#first;
    const { annotations, generation = 0 } = source.metadata;
    this.#reconcileAt = annotations?.[wellKnown.reconcileAtAnnotation];
    this.#isRollback = rollbackOf({ ...source, spec: this.#first.spec }) !== undefined;
    // One that was changed and changed back is as it was, in a later generation.
    if (sameJson(source.spec, this.#first.spec)) this.#generation = generation;
    this.#reading = undefined;
    this.#reading = await this.#reader.read(signal);
    return this.#reading;
  }

  #looked(condition: Said): Looked {
    return {
      generation: this.#generation,
      condition,
      revision: this.#reading?.revision,
      isStandIn: this.#reading?.problem !== undefined,
      isRollback: this.#isRollback,
      unreachableSince: this.#reader.unreachableSince,
      reconcileAt: this.#reconcileAt,
      objects: (this.#reading?.files ?? []).reduce((sum, { manifests }) => sum + manifests.length, 0),
    };
  }

  async #writeStatus(signal: AbortSignal): Promise<void> {
    if (!this.#said || !this.#options.source()) return;
    this.#last = this.#looked(this.#said);
    await this.#tell(this.#last, signal);
  }

  async #tell(last: Looked, signal: AbortSignal): Promise<void> {
    const isTold = await this.#status.write(this.#first, () => this.#last ?? last, signal);
    if (!isTold) this.changed();
  }

  /** Of what the last look has applied; another look may be under way. */
  async #tellHealth(signal: AbortSignal): Promise<void> {
    const last = this.#last;
    if (last?.condition.status !== "True" || last.isRollback || !this.#health?.isNews(this.#engine.applied)) return;
    await this.#tell(last, signal).catch((error: unknown) => {
      const told = { gitsource: keyOf(this.#first), error: String(error) };
      if (!signal.aborted) this.#options.logger.error("the health of what was applied could not be told", told);
    });
  }
}
