import type { Client } from "../../api/client.ts";
import type { NewCondition } from "../../api/conditions.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { shortRevision } from "../../api/git/revision.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { gitSources, type Resource, wellKnown } from "../../api/scheme.ts";
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
import { CommitStatusReporter } from "./commit-status/reporter.ts";
import { GitReader } from "./git-reader.ts";
import type { Sources } from "./keys.ts";
import { Recipients } from "./recipients.ts";
import { rollbackOf } from "./rollback.ts";
import { sourceIdentityOf } from "./source-identity.ts";
import { type Outcome, statusOf } from "./status.ts";

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
  readonly #commitStatus: CommitStatusReporter;
  readonly #recipients: Recipients;

  constructor(first: Stored<GitSource>, options: FollowerOptions) {
    this.#options = options;
    this.#first = first;
    this.#generation = first.metadata.generation ?? 0;
    const { client, writer, clock, recorder, resources, random } = options;
    this.#commitStatus = new CommitStatusReporter(options);
    this.#recipients = new Recipients(client);
    this.#reader = new GitReader(options);
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
    });
  }

  start(): void {
    this.#running = this.#engine.start(this.#stop.signal);
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

  async #read(signal: AbortSignal): Promise<SourceReading> {
    const source = this.#options.source() ?? this.#first;
    const { annotations, generation = 0 } = source.metadata;
    this.#reconcileAt = annotations?.[wellKnown.reconcileAtAnnotation];
    this.#isRollback = rollbackOf(source) !== undefined;
    // One that was changed and changed back is as it was, in a later generation.
    if (sameJson(source.spec, this.#first.spec)) this.#generation = generation;
    this.#reading = undefined;
    this.#reading = await this.#reader.read(signal);
    return this.#reading;
  }

  async #writeStatus(signal: AbortSignal): Promise<void> {
    const { client, source } = this.#options;
    const said = this.#said;
    const known = source();
    if (!known || !said || signal.aborted) return;
    try {
      await this.#write(await client.get(gitSources, keyOf(known)), said, signal);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      this.changed(); // Told of after another look.
    }
  }

  async #write(current: Stored<GitSource>, said: Said, signal: AbortSignal): Promise<void> {
    const { client, clock, recorder } = this.#options;
    const outcome: Outcome = {
      generation: this.#generation,
      condition: said,
      revision: this.#reading?.revision,
      isStandIn: this.#reading?.problem !== undefined,
      isRollback: this.#isRollback,
      unreachableSince: this.#reader.unreachableSince,
      reconcileAt: this.#reconcileAt,
      recipients: await this.#recipients.of(current),
      objects: (this.#reading?.files ?? []).reduce((sum, { manifests }) => sum + manifests.length, 0),
    };
    const status = statusOf(current.status, outcome, clock.wall());
    const tell = () => this.#commitStatus.tell(current, outcome, signal);
    // Once the status says that a rollback is done, nothing of this source goes on.
    if (outcome.isRollback) await tell();
    if (!sameJson(status, current.status)) {
      await client.updateStatus(gitSources, { ...current, status });
      if (outcome.isRollback && said.status === "True")
        recorder.event(current, "Normal", "RolledBack", `rolled back to ${shortRevision(outcome.revision ?? "")}`);
    }
    if (!outcome.isRollback) await tell();
  }
}
