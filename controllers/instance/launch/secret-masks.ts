import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { isObject } from "../../../lib/json-object.ts";
import { Masker } from "../../../lib/masker.ts";
import { oneLine } from "../../../lib/one-line.ts";
import type { Sources } from "./files-of.ts";
import { secretValues } from "./references.ts";

interface Known {
  /** What the current run was given, at its beginning and since: a Secret may have changed again. */
  given: readonly string[];
  values: readonly string[];
  masker: Masker;
}

/** Values that one run was given one after another, while their Secrets changed. */
const MOST_GIVEN = 100;

/** Of a status. An Event has as many characters. */
const LONGEST_MESSAGE = 1024;

const nothing: Known = { given: [], values: [], masker: new Masker([]) };

/**
 * Masks the values of an Instance's Secrets in every message about it. Its program, probes and hooks may print them, and people who may not
 * read Secrets can read Events and status (P20).
 */
export class SecretMasks {
  readonly #sources: Sources;
  readonly #known = new Map<string, Known>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** A run begins, with the present values of its Secrets. */
  begin(instance: Stored<Instance>): void {
    const given = secretValues(instance, this.#sources);
    this.#known.set(instance.metadata.uid, { given, values: given, masker: new Masker(given) });
  }

  /** Files of the run are written anew: it has the present values too from now on, and may still have the others. */
  renew(instance: Stored<Instance>): void {
    const { given } = this.#known.get(instance.metadata.uid) ?? nothing;
    const all = [...new Set([...given, ...secretValues(instance, this.#sources)])].slice(-MOST_GIVEN);
    this.#known.set(instance.metadata.uid, { given: all, values: all, masker: new Masker(all) });
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }

  /** Masks what the current run was given, and the present values too. */
  of(instance: Stored<Instance>): Masker {
    const known = this.#known.get(instance.metadata.uid) ?? nothing;
    const values = [...new Set([...known.given, ...secretValues(instance, this.#sources)])];
    if (values.length === known.values.length && values.every((value, n) => value === known.values[n]))
      return known.masker;
    const fresh = { given: known.given, values, masker: new Masker(values) };
    this.#known.set(instance.metadata.uid, fresh);
    return fresh.masker;
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

/** The same JSON with each `message` in it as `say` says it. */
function withMessages(value: unknown, say: (message: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withMessages(one, say));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([key, inner]) => {
    return [key, key === "message" && typeof inner === "string" ? say(inner) : withMessages(inner, say)];
  });
  return Object.fromEntries(fields);
}
