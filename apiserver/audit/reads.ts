import type { Clock, Timer } from "../../lib/clock.ts";
import { type AuditedRequest, auditEvent } from "./audit-event.ts";
import type { AuditLog } from "./audit-log.ts";

/** Who reads the same again within so long is counted. */
const TELL_MS = 60_000;
/** So many different reads are remembered until then. Each one beyond them is written down: its asker's rate bounds them, and the files turn. */
const MOST_REMEMBERED = 10_000;

interface Remembered {
  written: Promise<void>;
  /** The last of those that came after it. */
  last?: { request: AuditedRequest; code: number | undefined };
  count: number;
}

/** Writes down who read what: the first time, and then, once a minute, how often again. So a program that polls pushes out nothing, and no Object is read unseen. */
export class Reads {
  readonly #log: AuditLog;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();
  #timer: Timer | undefined;

  constructor(log: AuditLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Resolves when it is written down, or counted. Rejects when it can't be written. `code`: of the answer; absent for a watch, which begins. */
  async record(request: AuditedRequest, code?: number): Promise<void> {
    const key = identityOf(request, code);
    const before = this.#remembered.get(key);
    if (before) {
      before.last = { request, code };
      before.count++;
      return before.written;
    }
    const written = this.#log.record(auditEvent(request, { decision: "allow", code, at: this.#clock.wall() }));
    if (this.#remembered.size < MOST_REMEMBERED) this.#remember(key, written);
    await written;
  }

  /** Resolves when what was counted is told. */
  async close(): Promise<void> {
    await this.#tell();
  }

  #remember(key: string, written: Promise<void>): void {
    this.#remembered.set(key, { written, count: 0 });
    written.catch(() => this.#remembered.delete(key)); // The next one is refused for itself, or written.
    this.#timer ??= this.#clock.after(TELL_MS, () => void this.#tell());
  }

  async #tell(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const all = [...this.#remembered.values()];
    this.#remembered.clear();
    const at = this.#clock.wall();
    await Promise.all(
      all.map(async ({ last, count }) => {
        if (last)
          await this.#log.owe(
            auditEvent(last.request, { decision: "allow", code: last.code, repeated: ["reads", count], at }),
          );
      }),
    );
  }
}

/** Names that nothing has are one: whoever makes them up makes no lines. */
const identityOf = ({ user, acting, address, verb, object }: AuditedRequest, code: number | undefined): string =>
  JSON.stringify([
    user?.name,
    acting?.name,
    address,
    verb,
    object?.resource.plural,
    object?.namespace,
    code === 404 ? undefined : object?.name,
    code,
  ]);
