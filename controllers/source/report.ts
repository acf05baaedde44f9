import type { Client } from "../../api/client.ts";
import type { NewCondition } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import type { Node } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { setNodeCondition } from "../instance/node/node-registration.ts";
import { fileOf } from "./prune.ts";

export interface Finding {
  reason: "DirectoryUnreadable" | "ManifestInvalid" | "ApplyFailed" | "PruneRefused" | "PruneFailed";
  message: string;
}

const TOLD = 5;

/** Says how the folder is: as the condition ManifestsSynced of the Node, as Events, in the log; each thing once, not at every sync. */
export class Report {
  readonly #options: ReportOptions;
  #told = new Set<string>();
  #condition: string | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** `held`: Objects that keep their last good state because their file is broken. */
  async say(findings: readonly Finding[], signal: AbortSignal, held: readonly Stored[] = []): Promise<void> {
    const { recorder, logger } = this.#options;
    const node = await this.#options.node;
    const messages = findings.map(({ message }) => message);
    const fresh = findings.filter(({ message }) => !this.#told.has(message));
    for (const { reason, message } of fresh) {
      logger.warn(message, { reason });
      recorder.event(node, "Warning", reason, message);
      for (const object of held.filter((one) => isAbout(message, one))) {
        recorder.event(object, "Warning", reason, `${message}. The last good state is kept`);
      }
    }
    if (findings.length === 0 && this.#told.size > 0) {
      recorder.event(node, "Normal", "ManifestsSynced", "all manifests of the folder are applied again");
    }
    await this.#setCondition(conditionFrom(findings), signal);
    this.#told = new Set(messages);
  }

  async #setCondition(condition: NewCondition, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify(condition);
    if (text === this.#condition) return;
    const { client, clock } = this.#options;
    const node = await this.#options.node;
    signal.throwIfAborted();
    await setNodeCondition(client, node.metadata.name, condition, clock);
    this.#condition = text;
  }
}

interface ReportOptions {
  client: Client;
  node: Stored<Node> | Promise<Stored<Node>>;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
}

const isAbout = (message: string, object: Stored): boolean => {
  const file = fileOf(object);
  return file !== undefined && (message.startsWith(`${file}:`) || message.startsWith(`${file} `));
};

function conditionFrom(findings: readonly Finding[]): NewCondition {
  const [first] = findings;
  if (!first) {
    return {
      type: "ManifestsSynced",
      status: "True",
      reason: "Synced",
      message: "all manifests of the folder are applied",
    };
  }
  const more = findings.length - TOLD;
  const told = findings.slice(0, TOLD).map(({ message }) => message);
  const message = [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  return { type: "ManifestsSynced", status: "False", reason: first.reason, message };
}
