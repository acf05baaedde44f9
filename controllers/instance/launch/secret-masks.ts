import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { isObject } from "../../../lib/json-object.ts";
import { Masker } from "../../../lib/masker.ts";
import { oneLine } from "../../../lib/one-line.ts";
import type { Sources } from "./files-of.ts";
import { secretValues } from "./references.ts";
import type { Seal } from "./seal.ts";

interface Known {
  /** What the current run was given, at its beginning and since: a Secret may have changed again. */
  given: readonly string[];
  values: readonly string[];
  masker: Masker;
}

/** Values that one run was given one after another, while their Secrets changed. */
const MOST_GIVEN = 100;

/** Characters of them that are kept for the next daemon. */
const MOST_SEALED = 256 * 1024;

/** Of a status. An Event has as many characters. */
const LONGEST_MESSAGE = 1024;

const nothing: Known = { given: [], values: [], masker: new Masker([]) };

export interface SecretMasksOptions {
  sources: Sources;
  seal: Seal;
  /** What an earlier daemon has sealed of the run that it started, and that still is the newest one. */
  sealedOf: (uid: string) => string | undefined;
}

/**
 * Masks the values of an Instance's Secrets in every message about it. Its program, probes and hooks may print them, and people who may not
 * read Secrets can read Events and status (P20).
 */
export class SecretMasks {
  readonly #options: SecretMasksOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: SecretMasksOptions) {
    this.#options = options;
  }

  /** A run begins, with the present values of its Secrets. Returns them sealed, for the next daemon; undefined when there are none. */
  begin(instance: Stored<Instance>): string | undefined {
    return this.#give(instance, this.#present(instance));
  }

  /** Files of the run are written anew: it has the present values too from now on, and may still have the others. Returns as `begin` does. */
  renew(instance: Stored<Instance>): string | undefined {
    const { given } = this.#knownOf(instance);
    return this.#give(instance, [...new Set([...given, ...this.#present(instance)])].slice(-MOST_GIVEN));
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }

  /** Masks what the current run was given, and the present values too. */
  of(instance: Stored<Instance>): Masker {
    const known = this.#knownOf(instance);
    const values = [...new Set([...known.given, ...this.#present(instance)])];
    if (values.length === known.values.length && values.every((value, n) => value === known.values[n]))
      return known.masker;
    const fresh = { given: known.given, values, masker: new Masker(values) };
    this.#known.set(instance.metadata.uid, fresh);
    return fresh.masker;
  }

  #present(instance: Stored<Instance>): string[] {
    return secretValues(instance, this.#options.sources);
  }

  #give({ metadata: { uid } }: Stored<Instance>, given: readonly string[]): string | undefined {
    this.#known.set(uid, { given, values: given, masker: new Masker(given) });
    return given.length === 0 ? undefined : this.#options.seal.seal(JSON.stringify(within(MOST_SEALED, given)), uid);
  }

  /** Of a run that an earlier daemon has started: what that one knew. */
  #knownOf({ metadata: { uid } }: Stored<Instance>): Known {
    const known = this.#known.get(uid);
    if (known) return known;
    const sealed = this.#options.sealedOf(uid);
    const text = sealed === undefined ? undefined : this.#options.seal.open(sealed, uid);
    if (text === undefined) return nothing;
    const given = JSON.parse(text) as string[];
    const learnt = { given, values: given, masker: new Masker(given) };
    this.#known.set(uid, learnt);
    return learnt;
  }

  /**
   * A status whose sentences are masked, and then in one line, short and harmless for a terminal: the words of a probe may be in them. Reasons and
   * names stay as they are.
   */
  inMessages<T>(instance: Stored<Instance>, status: T): T {
    const masker = this.of(instance);
    return withMessages(status, (message) => oneLine(masker.mask(message), LONGEST_MESSAGE)) as T;
  }
}

/** The newest ones that fit, and the beginning of one that does not: a masker looks for no more of a longer value. */
function within(most: number, values: readonly string[]): string[] {
  const kept: string[] = [];
  let left = most;
  for (const value of values.toReversed()) {
    if (left > 0) kept.unshift(value.slice(0, left));
    left -= value.length;
  }
  return kept;
}

/** The same JSON with each `message` in it as `say` says it. */
function withMessages(value: unknown, say: (message: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withMessages(one, say));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([key, inner]) => {
    return [key, key === "message" && typeof inner === "string" ? say(inner) : withMessages(inner, say)];
  });
  return Object.fromEntries(fields);
}
