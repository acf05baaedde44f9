import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { parseRevision, shortRevision } from "../../api/git/revision.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { gitSources, wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import { sameJson } from "../../lib/same-json.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { CommitStatusReporter } from "./commit-status/reporter.ts";
import { healthEvent } from "./health/health-event.ts";
import type { Verdict } from "./health/verdict.ts";
import { Recipients } from "./recipients.ts";
import { type Outcome, statusOf } from "./status.ts";

export interface StatusWriterOptions {
  client: Client;
  nodeName: string;
  recorder: EventRecorder;
  clock: Clock;
  /** How what was applied is, by what was told of it last. */
  healthOf: (looked: Looked, status: GitSource["status"]) => Verdict | undefined;
}

/** What a look has found. */
export type Looked = Omit<Outcome, "recipients" | "health">;

/** Somebody else may write the status at the same moment. */
const TRIES = 3;

/** Tells how a source is: in its status, as Events, and at the host of the repository. What looks and changes of health have to tell, it tells one after the other. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #commitStatus: CommitStatusReporter;
  readonly #recipients: Recipients;
  readonly #oneByOne = new Semaphore(1);

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#commitStatus = new CommitStatusReporter(options);
    this.#recipients = new Recipients(options.client);
  }

  /** `latest`: what is to be told when it is its turn. Resolves with whether it is told; else the source has to be looked at once more. */
  write(source: Stored<GitSource>, latest: () => Looked, signal: AbortSignal): Promise<boolean> {
    return this.#oneByOne.run(async () => {
      for (let tries = 0; tries < TRIES; tries++) if (await this.#try(source, latest(), signal)) return true;
      return false;
    });
  }

  async #try({ metadata }: Stored<GitSource>, looked: Looked, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return true;
    try {
      const current = await this.#options.client.get(gitSources, keyOf({ metadata }));
      // One that was made anew has a follower of its own.
      if (current.metadata.uid === metadata.uid) await this.#write(current, looked, signal);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      return isNotFound(error);
    }
    return true;
  }

  async #write(current: Stored<GitSource>, looked: Looked, signal: AbortSignal): Promise<void> {
    const { client, clock, healthOf } = this.#options;
    const isApplied = looked.condition.status === "True" && !looked.isRollback;
    const outcome: Outcome = {
      ...looked,
      recipients: await this.#recipients.of(current),
      health: isApplied ? healthOf(looked, current.status) : undefined,
    };
    const status = statusOf(current.status, outcome, clock.wall());
    const tell = () => this.#commitStatus.tell(current, outcome, signal);
    // Once the status says that a rollback is done, nothing of this source goes on.
    if (outcome.isRollback) await tell();
    let written = current;
    if (!sameJson(status, current.status)) {
      written = await client.updateStatus(gitSources, { ...current, status });
      this.#record(current, status, outcome);
    }
    await this.#endApproval(written, looked);
    if (!outcome.isRollback) await tell();
  }

  /** An approval is for what it has let through: the same commit may prune something else later, by another path or variable, or when somebody goes back to it. */
  async #endApproval({ metadata }: Stored<GitSource>, { condition, revision = "" }: Looked): Promise<void> {
    const { approveAnnotation } = wellKnown;
    const approved = metadata.annotations?.[approveAnnotation];
    if (condition.status !== "True" || approved === undefined || approved !== parseRevision(revision)?.commit) return;
    const { resourceVersion } = metadata;
    const body = { metadata: { resourceVersion, annotations: { [approveAnnotation]: null } } };
    await this.#options.client.patch(gitSources, keyOf({ metadata }), { type: "merge", body });
  }

  #record(current: Stored<GitSource>, status: GitSource["status"], { isRollback, condition, revision }: Outcome): void {
    const { recorder } = this.#options;
    const annotations = { [wellKnown.sourceRevisionAnnotation]: revision ?? "" };
    const say = (type: "Normal" | "Warning", reason: string, message: string): void =>
      recorder.event(current, type, reason, message, annotations);
    const shown = shortRevision(revision ?? "");
    if (isRollback && condition.status === "True") say("Normal", "RolledBack", `rolled back to ${shown}`);
    else if (status?.lastAppliedRevision !== current.status?.lastAppliedRevision)
      say("Normal", "Applied", `applied ${shown}`);
    const event = healthEvent(current.status, status);
    if (event) say(event.type, event.reason, event.message);
  }
}
