import type { Clock, Timer } from "../../lib/clock.ts";
import { type AuditedRequest, auditEvent, type Outcome } from "./audit-event.ts";
import type { AuditLog } from "./audit-log.ts";
import { RefusalBudget, type RefusalRates } from "./refusal-budget.ts";

/** Counted refusals are told of so often. */
const TELL_MS = 60_000;
/** So many askers are told of one by one. */
const MOST_COUNTED = 100;

interface Counted {
  /** The last of them. */
  request: AuditedRequest;
  outcome: Pick<Outcome, "code" | "message">;
  count: number;
}

/** Writes refusals down: one by one as far as the budget goes, and then, once a minute, how many there were. */
export class Refusals {
  readonly #log: AuditLog;
  readonly #clock: Clock;
  readonly #budget: RefusalBudget;
  readonly #counted = new Map<string, Counted>();
  #timer: Timer | undefined;

  constructor(log: AuditLog, rates: RefusalRates, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#budget = new RefusalBudget(rates, clock);
  }

  /** Resolves when it is written down, or counted. Rejects when it can't be written. */
  async record(asker: string, request: AuditedRequest, outcome: Counted["outcome"]): Promise<void> {
    if (!this.#budget.allows(asker)) return this.#count(asker, { request, outcome, count: 1 });
    await this.#log.record(auditEvent(request, { decision: "forbid", ...outcome, at: this.#clock.wall() }));
  }

  /** Resolves when what was counted is told. */
  async close(): Promise<void> {
    await this.#tell();
  }

  #count(asker: string, { request, outcome, count }: Counted): void {
    const key = this.#counted.has(asker) || this.#counted.size < MOST_COUNTED ? asker : OTHERS;
    const before = this.#counted.get(key)?.count ?? 0;
    this.#counted.set(key, { request, outcome, count: before + count });
    this.#timer ??= this.#clock.after(TELL_MS, () => void this.#tell());
  }

  async #tell(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const all = [...this.#counted.values()];
    this.#counted.clear();
    const told = all.filter(() => this.#budget.allowsOne());
    const rest = all.slice(told.length);
    const last = rest.at(-1);
    if (last) told.push({ ...last, count: rest.reduce((sum, { count }) => sum + count, 0) });
    const at = this.#clock.wall();
    await Promise.all(
      told.map(({ request, outcome, count }) =>
        this.#log.owe(auditEvent(request, { decision: "forbid", ...outcome, repeated: ["refusals", count], at })),
      ),
    );
  }
}

/** No name of a user or an address has a line break in it. */
const OTHERS = "\n";
