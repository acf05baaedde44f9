import { fileOf } from "../../api/apply/source-marks.ts";
import type { NewCondition } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { SourceIdentity } from "./reader.ts";

export interface Finding {
  /** Reason of the Event, and of the condition when it is the first. */
  reason: string;
  message: string;
}

/** The Object that stands for a source: it has the condition, and Events are about it. */
export interface ReportTarget {
  /** It may still be in the making: reports wait for it, manifests do not. */
  object: Stored | Promise<Stored>;
  /** `revision`: the one that was looked at, where the source has such. */
  setCondition(condition: NewCondition, revision: string | undefined): Promise<void>;
}

export interface ReportOptions {
  source: SourceIdentity;
  target: ReportTarget;
  recorder: EventRecorder;
  logger: Logger;
}

/** What one sync has found. */
export interface SyncResult {
  findings: readonly Finding[];
  /** Objects that keep their last good state because their file is broken. */
  held: readonly Stored[];
  revision?: string | undefined;
}

const TOLD = 5;

/** Says how a source is: as the condition ManifestsSynced of its Object, as Events, in the log; each thing once, not at every sync. */
export class Report {
  readonly #options: ReportOptions;
  #told = new Set<string>();
  #condition: string | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  async say({ findings, held, revision }: SyncResult, signal: AbortSignal): Promise<void> {
    const { recorder, logger, target, source } = this.#options;
    const object = await target.object;
    // The same fault in another revision is told again: whoever reads the Event wants to know of which.
    const idOf = ({ message }: Finding): string => JSON.stringify([revision, message]);
    const fresh = findings.filter((one) => !this.#told.has(idOf(one)));
    const annotations = revision === undefined ? undefined : { [wellKnown.sourceRevisionAnnotation]: revision };
    for (const { reason, message } of fresh) {
      logger.warn(message, { reason });
      recorder.event(object, "Warning", reason, message, annotations);
      for (const one of held.filter((candidate) => isAbout(message, candidate))) {
        recorder.event(one, "Warning", reason, `${message}. The last good state is kept`, annotations);
      }
    }
    if (findings.length === 0 && this.#told.size > 0) {
      recorder.event(
        object,
        "Normal",
        "ManifestsSynced",
        `all manifests of the ${source.noun} are applied again`,
        annotations,
      );
    }
    await this.#setCondition(conditionFrom(findings, source), revision, signal);
    this.#told = new Set(findings.map(idOf));
  }

  async #setCondition(condition: NewCondition, revision: string | undefined, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify([condition, revision]);
    if (text === this.#condition) return;
    signal.throwIfAborted();
    await this.#options.target.setCondition(condition, revision);
    this.#condition = text;
  }
}

const isAbout = (message: string, object: Stored): boolean => {
  const file = fileOf(object);
  return file !== undefined && (message.startsWith(`${file}:`) || message.startsWith(`${file} `));
};

function conditionFrom(findings: readonly Finding[], { noun }: SourceIdentity): NewCondition {
  const [first] = findings;
  if (!first) {
    const message = `all manifests of the ${noun} are applied`;
    return { type: "ManifestsSynced", status: "True", reason: "Synced", message };
  }
  const more = findings.length - TOLD;
  const told = findings.slice(0, TOLD).map(({ message }) => message);
  const message = [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  return { type: "ManifestsSynced", status: "False", reason: first.reason, message };
}
