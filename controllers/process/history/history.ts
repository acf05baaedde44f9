import type { Client } from "../../../api/client.ts";
import type { RecordedContent } from "../../../api/content/recorded-content.ts";
import { isAlreadyExists, isReason } from "../../../api/errors.ts";
import { controllerOf, keyOf, makeKey, type Stored } from "../../../api/object.ts";
import { controllerRevisions } from "../../../api/scheme.ts";
import type { ControllerRevision, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Informer } from "../../../machinery/informer.ts";
import { MutationCache } from "../../../machinery/mutation-cache.ts";
import { adopt, undefinedWhenGone } from "../adopt.ts";
import { keptKeysOfRecord } from "./kept-keys.ts";
import { type HistoryStep, toPrune, toRecord } from "./plan.ts";
import {
  annotationsOf,
  contentOfRecord,
  type Entry,
  editionOf,
  entryOf,
  recordName,
  recordOf,
  type TemplateRevision,
  templateOfRecord,
} from "./record.ts";
import { labelValue } from "./revision.ts";

/** The schema's default. */
const DEFAULT_LIMIT = 10;

export interface Recording {
  /** Resolves when all is durable, with what the API refused. */
  written: Promise<string[]>;
  /** The only write was handed to the API already, which makes no later write durable before it: those need not wait. */
  isHandedOver: boolean;
}

/**
 * The templates that Processes had. Each is kept as a ControllerRevision that its Process owns. Methods that write resolve with what the API
 * refused, so that a history that cannot be written delays nothing else.
 */
export class History {
  readonly #client: Client;
  readonly #records: Informer<ControllerRevision>;
  readonly #writtenRecords: MutationCache<ControllerRevision>;

  /** `records`: made with `recordIndexers`. */
  constructor({ client, records, clock }: { client: Client; records: Informer<ControllerRevision>; clock: Clock }) {
    this.#client = client;
    this.#records = records;
    this.#writtenRecords = new MutationCache(records, clock, (record) => controllerOf(record)?.uid ?? "");
  }

  /** Undefined for a revision that is not kept. */
  templateOf(process: Stored<Process>, revision: string): ProcessTemplate | undefined {
    const record = this.#recordOf(process, revision);
    return record && templateOfRecord(record);
  }

  /** What of ConfigMaps and Secrets belongs to it; undefined when that is not recorded. */
  contentOf(process: Stored<Process>, revision: string): RecordedContent | undefined {
    const record = this.#recordOf(process, revision);
    return record && contentOfRecord(record);
  }

  /** Does a revision of any Process refer to this kept copy, as `configmaps/default/web-0f…`? */
  refersTo(copy: string): boolean {
    if (this.#records.lister.by("kept", copy).length > 0) return true;
    return this.#writtenRecords.pending().some((record) => keptKeysOfRecord(record).includes(copy));
  }

  isNewest(process: Stored<Process>, edition: TemplateRevision): boolean {
    return toRecord(this.#entriesOf(process), [edition]).length === 0;
  }

  /**
   * Records the templates of replicas that revision `next` will replace, before they are removed: then nothing else knows them. Usually they were
   * recorded long ago.
   */
  recordOutgoing(
    process: Stored<Process>,
    templates: ReadonlyMap<string, ProcessTemplate>,
    next: string | undefined,
  ): Recording {
    const outgoing = this.#outgoing(process, templates, next);
    const isOneWrite = toRecord(this.#entriesOf(process), outgoing).length < 2 && this.#orphansOf(process).length === 0;
    return { written: this.record(process, outgoing), isHandedOver: isOneWrite };
  }

  #outgoing(
    process: Stored<Process>,
    templates: ReadonlyMap<string, ProcessTemplate>,
    next: string | undefined,
  ): TemplateRevision[] {
    if (process.metadata.deletionTimestamp) return [];
    const previous = process.status?.currentRevision;
    const outgoing: TemplateRevision[] = [];
    for (const [revision, template] of templates) {
      if (revision === next || revision === previous || this.templateOf(process, revision)) continue;
      outgoing.push(editionOf(process, revision, template));
    }
    const last = previous === undefined || previous === next ? undefined : templates.get(previous);
    if (last) outgoing.push(editionOf(process, previous!, last));
    return outgoing;
  }

  /** These become the newest, in this order. */
  async record(process: Stored<Process>, rolledOut: readonly TemplateRevision[]): Promise<string[]> {
    if (rolledOut.length === 0 || toRecord(this.#entriesOf(process), rolledOut).length === 0) return [];
    const orphans = this.#orphansOf(process);
    if (orphans.length > 0) await this.#adopt(process, orphans);
    return this.#perform(process, toRecord(this.#entriesOf(process), rolledOut));
  }

  /** Removes revisions beyond `revisionHistoryLimit`, but never one that is `used`. */
  prune(process: Stored<Process>, used: Iterable<string>): Promise<string[]> {
    const limit = process.spec.revisionHistoryLimit ?? DEFAULT_LIMIT;
    return this.#perform(process, toPrune(this.#entriesOf(process), used, limit));
  }

  #recordOf(process: Stored<Process>, revision: string): Stored<ControllerRevision> | undefined {
    return this.#recordsOf(process).find(({ metadata }) => metadata.name === recordName(revision));
  }

  #recordsOf({ metadata: { uid } }: Stored<Process>): Stored<ControllerRevision>[] {
    return this.#writtenRecords.over(this.#records.lister.by("owner", uid), uid);
  }

  #entriesOf(process: Stored<Process>): Entry[] {
    return this.#recordsOf(process).map(entryOf);
  }

  /** Left by an earlier Process of the same name that was deleted alone (`--cascade=orphan`). */
  #orphansOf({ metadata: { name, namespace } }: Stored<Process>): Stored<ControllerRevision>[] {
    const named = this.#records.lister.by("process", makeKey(namespace, labelValue(name)));
    return named.filter((record) => !controllerOf(record) && !record.metadata.deletionTimestamp);
  }

  async #adopt(process: Stored<Process>, orphans: readonly Stored<ControllerRevision>[]): Promise<void> {
    const adopted = await adopt(this.#client, process, controllerRevisions, orphans);
    for (const record of adopted ?? []) this.#writtenRecords.remember(record);
  }

  /** One after another: a number is never there before a lower one. */
  async #perform(process: Stored<Process>, steps: readonly HistoryStep[]): Promise<string[]> {
    const refusals: string[] = [];
    for (const step of steps) {
      try {
        const written = await this.#step(process, step);
        if (written) this.#writtenRecords.remember(written);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusals.push(error.message);
      }
    }
    return refusals;
  }

  async #step(process: Stored<Process>, step: HistoryStep): Promise<Stored<ControllerRevision> | undefined> {
    if (step.do === "record") return await this.#client.create(controllerRevisions, recordOf(process, step));
    const key = keyOf({ metadata: { ...process.metadata, name: step.name } });
    if (step.do === "prune") {
      await this.#client.delete(controllerRevisions, key).catch(undefinedWhenGone);
      return undefined;
    }
    const patch = { type: "merge" as const, body: { revision: step.number, metadata: annotationsOf(step) } };
    return await this.#client.patch(controllerRevisions, key, patch).catch(undefinedWhenGone);
  }
}

const isRefusal = (error: unknown): error is Error =>
  isAlreadyExists(error) || isReason(error, "Invalid") || isReason(error, "Forbidden");
