import { StatusError } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { type AuditedRequest, auditEvent } from "./audit-event.ts";
import type { AuditLog } from "./audit-log.ts";

/**
 * Writes down what is about to be changed, and what was refused, before anybody is answered. What cannot be written down is not done: a full disk makes the
 * API read-only, and forgets nothing.
 */
export class Auditor {
  readonly #log: AuditLog;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: { log: AuditLog; clock: Clock; logger: Logger }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Resolves when it is written down that this request may begin. Rejects with ServiceUnavailable. */
  begin(request: AuditedRequest): Promise<void> {
    return this.#record(auditEvent(request, { decision: "allow", at: this.#clock.wall() }));
  }

  /** The same for a request that is refused. */
  refused(request: AuditedRequest): Promise<void> {
    return this.#record(auditEvent(request, { decision: "forbid", code: 403, at: this.#clock.wall() }));
  }

  /** How it ended. It was written down before that it began. */
  ended(request: AuditedRequest, code: number): void {
    this.#record(auditEvent(request, { decision: "allow", code, at: this.#clock.wall() })).catch(() => {});
  }

  async #record(event: object): Promise<void> {
    try {
      await this.#log.record(event);
    } catch (error) {
      const { message } = error as Error;
      this.#logger.error("the audit log can't be written: changes are refused", { error: message });
      throw new StatusError("ServiceUnavailable", `the audit log can't be written, so nothing is changed: ${message}`);
    }
  }
}
