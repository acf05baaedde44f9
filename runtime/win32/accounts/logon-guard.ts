import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../lib/clock.ts";
import { KeyedMutex } from "../../../lib/keyed-mutex.ts";

/** The same password is not tried more often than this (S34). */
const MOST_TRIES = 3;
/** Tries of all passwords together: Windows' own default locks an account at the tenth. */
const MOST_PASSWORDS_TRIES = 9;
const WINDOW_MS = 60 * 60_000;
const PAUSE_MS = 5 * 60_000;

interface Failure {
  at: number;
  /** A digest of the password, with a salt that no other process knows. */
  digest: string;
  why: string;
}

export interface Refusal {
  /** Why the last try failed. */
  why: string;
  /** Until the next try. */
  waitMs: number;
}

/**
 * Keeps a wrong password from locking an account: it allows at most three failed logons an hour, five minutes apart, for all instances that use the
 * account together. A password other than the failed ones may be tried at once. Times are monotonic.
 */
export class LogonGuard {
  readonly #clock: Clock;
  readonly #salt = randomBytes(16);
  readonly #failures = new Map<string, Failure[]>();
  /** The key is the SID. */
  readonly #mutex = new KeyedMutex<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Logons of one account come one after the other: what the first one learns holds for all that came with it. */
  inTurn<T>(sid: string, logon: () => Promise<T>): Promise<T> {
    return this.#mutex.run(sid, logon);
  }

  /** Undefined: the password may be tried now. */
  refusal(sid: string, password: Buffer): Refusal | undefined {
    const recent = this.#recent(sid);
    const same = recent.filter(({ digest }) => digest === this.#digest(password));
    const last = same.at(-1) ?? recent.at(-1);
    if (!last) return undefined;
    const waits = [
      pause(same, this.#clock.now()),
      room(same, MOST_TRIES, this.#clock.now()),
      room(recent, MOST_PASSWORDS_TRIES, this.#clock.now()),
    ];
    const waitMs = Math.max(...waits);
    return waitMs > 0 ? { why: last.why, waitMs } : undefined;
  }

  failed(sid: string, password: Buffer, why: string): void {
    const failure = { at: this.#clock.now(), digest: this.#digest(password), why };
    this.#failures.set(sid, [...this.#recent(sid), failure]);
  }

  succeeded(sid: string): void {
    this.#failures.delete(sid);
  }

  #recent(sid: string): Failure[] {
    const now = this.#clock.now();
    return (this.#failures.get(sid) ?? []).filter(({ at }) => now - at < WINDOW_MS);
  }

  #digest(password: Buffer): string {
    return createHash("sha256").update(this.#salt).update(password).digest("base64");
  }
}

function pause(failures: readonly Failure[], now: number): number {
  const last = failures.at(-1);
  return last ? last.at + PAUSE_MS - now : 0;
}

/** Milliseconds until fewer than `most` failures are within the last hour. */
function room(failures: readonly Failure[], most: number, now: number): number {
  const oldest = failures.at(-most);
  return oldest ? oldest.at + WINDOW_MS - now : 0;
}
