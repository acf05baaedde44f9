import { randomUUID } from "node:crypto";
import type { Client } from "../../api/client.ts";
import { StatusError } from "../../api/errors.ts";
import { splitKey } from "../../api/object.ts";
import { urlPath } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { budgetOf, type Identity } from "../authentication/identity.ts";
import { peerOf } from "../http/peer.ts";
import { type AuditedRequest, auditEvent } from "./audit-event.ts";
import type { AuditLogs } from "./audit-log.ts";
import { AuditedClient } from "./audited-client.ts";
import { isPartAudited } from "./part-policy.ts";
import { Reads } from "./reads.ts";
import { Refusals } from "./refusals.ts";
import { SharedSync } from "./shared-sync.ts";

/** What of refusals is written down one by one: at first so many, then one in so many milliseconds. */
const OF_USERS = { each: { burst: 100, refillMs: 10_000 }, all: { burst: 1_000, refillMs: 1_000 } };
const OF_STRANGERS = { each: { burst: 20, refillMs: 60_000 }, all: { burst: 200, refillMs: 10_000 } };
/** While the log can't be written, who asks decides how often that is found: the daemon's own log is told once in so long. */
const WARNED = { burst: 1, refillMs: 60_000 };

interface Parts {
  logs: AuditLogs;
  clock: Clock;
  logger: Logger;
}

/** A change that is written down to have begun. */
export interface BegunChange {
  /** Resolves when it is written down how it ended, and when it is on the disk itself that it began. Once. Never rejects: it is done. */
  ended(code: number): Promise<void>;
}

/**
 * Writes down what is about to be changed, which Secrets are read, and what was refused, before anybody is answered. What cannot be written down is not done: a full disk makes the
 * API read-only, and forgets nothing.
 */
export class Auditor {
  readonly #parts: Parts;
  readonly #sync: SharedSync;
  readonly #reads: Reads;
  readonly #ofUsers: Refusals;
  readonly #ofStrangers: Refusals;
  readonly #warnings: TokenBucket;

  constructor(parts: Parts) {
    const { logs, clock } = parts;
    this.#parts = parts;
    this.#sync = new SharedSync(() => logs.changes.synced(), clock);
    this.#reads = new Reads(logs.reads, clock);
    this.#ofUsers = new Refusals(logs.refusals, OF_USERS, clock);
    this.#ofStrangers = new Refusals(logs.refusals, OF_STRANGERS, clock);
    this.#warnings = new TokenBucket(clock, WARNED);
  }

  /** Resolves when it is written down that this request may begin. Rejects with ServiceUnavailable. */
  async begin(request: AuditedRequest): Promise<BegunChange> {
    const { logs, clock } = this.#parts;
    const { changes } = logs;
    await changes
      .record(auditEvent(request, { decision: "allow", at: clock.wall() }))
      .catch((error) => this.#full(error, "nothing is changed"));
    const sync = this.#sync.next;
    const synced = sync.catch((error) => this.#warn(error));
    let ended: Promise<void> | undefined;
    return {
      ended: async (code) => {
        this.#sync.begin(sync); // Of what the store had nothing to commit for.
        ended ??= changes.owe(auditEvent(request, { decision: "allow", code, at: clock.wall() }));
        await Promise.all([ended, synced]);
      },
    };
  }

  /** The store begins to commit: the lines of what it commits go to the disk with it. */
  storeCommits(): void {
    this.#sync.begin();
  }

  /**
   * Resolves when it is written down, or counted, that this is read. Rejects with ServiceUnavailable: what is secret is not shown unseen. `code`: of the answer
   * that is ready; absent for a watch, which begins. Nothing is synced for it: a power cut may cost what was read in the last moments.
   */
  async read(request: AuditedRequest, code?: number): Promise<void> {
    await this.#reads.record(request, code).catch((error) => this.#full(error, "no Secret is shown"));
  }

  /** Resolves when this refusal is written down, or counted. Rejects with ServiceUnavailable. */
  async refused(request: AuditedRequest): Promise<void> {
    const asker = request.user ? budgetOf(request.user) : "";
    await this.#ofUsers.record(asker, request, { code: 403 }).catch((error) => this.#full(error, "nothing is changed"));
  }

  /** The same of somebody without a valid credential, who is told nothing of a full disk. `code`: of the answer. */
  async stranger(request: AuditedRequest, tried: string | undefined, code = 401): Promise<void> {
    const message = tried
      ? `Authentication failed, attempted: ${tried}`
      : "Authentication failed, no credentials provided";
    await this.#ofStrangers
      .record(peerOf(request.address ?? ""), request, { code, message })
      .catch((error) => this.#warn(error));
  }

  /** A client of a part of the daemon. What it changes is written down afterwards: nothing that keeps programs running waits for the disk of the log. */
  clientOf(part: Identity, client: Client): Client {
    if (!isPartAudited(part)) return client;
    return new AuditedClient(client, ({ verb, resource, key, subresource }) => {
      const { logs, clock } = this.#parts;
      const { namespace, name } = splitKey(key);
      const at = clock.wall();
      const request: AuditedRequest = {
        auditId: randomUUID(),
        user: part,
        verb,
        path: urlPath(resource, namespace, name, subresource),
        object: { resource, ...splitKey(key), ...(subresource === undefined ? {} : { subresource }) },
        received: at,
      };
      void logs.parts.owe(auditEvent(request, { decision: "allow", code: verb === "create" ? 201 : 200, at }));
    });
  }

  /** Writes down what was only counted, and closes the files. */
  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#ofUsers.close(), this.#ofStrangers.close()]);
    await Promise.all(Object.values(this.#parts.logs).map((log) => log.close()));
  }

  #full(error: Error, so: string): never {
    this.#warn(error);
    throw new StatusError("ServiceUnavailable", `the audit log can't be written, so ${so}: ${error.message}`);
  }

  #warn({ message }: Error): void {
    if (!this.#warnings.tryTake()) return;
    this.#parts.logger.error("the audit log can't be written: changes are refused", { error: message });
  }
}
