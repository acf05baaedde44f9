import { portsOf } from "../../../api/instance-ports.ts";
import { controllerOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { copyKey, type GivenPort } from "./given-port.ts";
import type { PortFile } from "./port-file.ts";

/** `20000-29999`: the first number and the last. */
export function portRange(text = "20000-29999"): PortRange {
  const [from = 0, to = from] = text.split("-").map(Number);
  return [from, to];
}

/** First and last number. */
export type PortRange = readonly [from: number, to: number];

export interface PortNumbersOptions {
  /** Absent: the numbers are remembered as long as the daemon lives. */
  file?: PortFile | undefined;
  range: () => PortRange;
  /** All Instances of this node. */
  instances: () => readonly Stored<Instance>[];
}

/**
 * Gives numbers to ports that declare none. A copy keeps its number over restarts, rollouts and restarts of the daemon; when it is gone, the number
 * rests until all others of the range were given.
 */
export class PortNumbers {
  readonly #options: PortNumbersOptions;
  /** In the order of giving. */
  readonly #given: Map<string, GivenPort>;
  #last: number | undefined;

  constructor(options: PortNumbersOptions) {
    this.#options = options;
    const known = options.file?.read() ?? [];
    this.#given = new Map(known.map((given) => [copyKey(given), given]));
    this.#last = known.at(-1)?.port;
  }

  /** The Instance with a number for each of its ports; without, where the range has none left. */
  fill(instance: Stored<Instance>): Stored<Instance> {
    const { ports } = instance.spec;
    if (!ports?.some(({ port }) => port === undefined)) return instance;
    const numbered = ports.map((one) => {
      const port = one.port ?? this.#numberOf(instance, one.name);
      return port === undefined ? one : { ...one, port };
    });
    return { ...instance, spec: { ...instance.spec, ports: numbered } };
  }

  /** Somebody else listens there: the next start gets another number. */
  renounce(instance: Stored<Instance>, name: string): void {
    this.#given.delete(copyKey(copyOf(instance, name)));
  }

  #numberOf(instance: Stored<Instance>, name: string): number | undefined {
    const copy = copyOf(instance, name);
    const known = this.#given.get(copyKey(copy));
    if (known) return known.port;
    const port = this.#told(instance, name) ?? this.#free();
    if (port === undefined) return undefined;
    const given = { ...copy, port };
    this.#options.file?.add(given);
    this.#given.set(copyKey(copy), given);
    this.#last = given.port;
    return given.port;
  }

  /** What a program that runs was given, should the file be lost. */
  #told({ status }: Stored<Instance>, name: string): number | undefined {
    if (status?.pid === undefined) return undefined;
    return status.ports?.find((one) => one.name === name)?.port;
  }

  /** The next after the last one given, so that a number that was let go rests. */
  #free(): number | undefined {
    const [from, to] = this.#options.range();
    const all = this.#options.instances();
    const declared = new Set(all.flatMap(({ spec }) => portsOf(spec).map(({ port }) => port)));
    const size = to - from + 1;
    const begin = this.#last === undefined || this.#last < from || this.#last >= to ? from : this.#last + 1;
    const candidates = Array.from({ length: size }, (_, step) => from + ((begin - from + step) % size));
    const given = new Map([...this.#given.values()].map((one) => [one.port, one]));
    const untouched = candidates.find((port) => !declared.has(port) && !given.has(port));
    if (untouched !== undefined) return untouched;
    const copies = new Set(all.map((one) => ownerOf(one) + one.spec.index));
    const resting = candidates.find((port) => {
      const one = given.get(port);
      return one && !declared.has(port) && !copies.has(one.owner + one.index);
    });
    if (resting !== undefined) this.#given.delete(copyKey(given.get(resting)!));
    return resting;
  }
}

const ownerOf = (instance: Stored<Instance>): string => controllerOf(instance)?.uid ?? instance.metadata.uid;

const copyOf = (instance: Stored<Instance>, name: string): Omit<GivenPort, "port"> => ({
  owner: ownerOf(instance),
  index: instance.spec.index,
  name,
});
