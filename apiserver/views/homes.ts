import type { DeleteOptions, ListOptions, ObjectList } from "../../api/client.ts";
import { badRequest, conflict, isNotFound, notFound } from "../../api/errors.ts";
import { type Key, keyOf, makeKey, type Stored, splitKey } from "../../api/object.ts";
import { apiVersionOf, homes, processes, type Resource, wellKnown } from "../../api/scheme.ts";
import { parseFieldSelector, parseLabelSelector } from "../../api/selectors/selectors.ts";
import type { Home, Process } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import { roundBytes } from "../../lib/quantity.ts";
import { ageColumn, type Column } from "../printing/column.ts";
import { columnTable } from "../printing/column-table.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { Registry } from "../registry/registry.ts";
import type { Deleted, Storage } from "../registry/storage.ts";
import type { HomeEntry, HomeSource } from "./home-source.ts";
import { nameHomes } from "./name-homes.ts";

const columns: Column<Home>[] = [
  { name: "Name", type: "string", path: ".metadata.name", description: "Process and index." },
  { name: "Process", type: "string", path: ".spec.process", description: "Whose copy it is." },
  { name: "State", type: "string", path: ".status.phase", description: "InUse or Retained." },
  { name: "Runs", type: "integer", path: ".status.runs", description: "Runs whose output is kept." },
  { name: "Size", type: "string", description: "What its files take.", cell: ({ status }) => sizeText(status) },
  ageColumn as Column<Home>,
  { name: "Path", type: "string", priority: 1, path: ".status.path", description: "The folder." },
];

/** So many are measured at once. */
const AT_ONCE = 8;
/** So many files of a home are counted, and of all homes that one answer shows. */
const MOST_COUNTED = 20_000;
const MOST_IN_ANSWER = 200_000;

/** The homes of copies: which there are, how large they are, and the removal of those that nobody needs. */
export class HomesView implements Storage {
  readonly resource = homes as unknown as Resource;
  readonly table: TableConvertor;
  readonly #registry: Registry;
  readonly #source: HomeSource;

  constructor(registry: Registry, source: HomeSource, clock: Clock) {
    this.#registry = registry;
    this.#source = source;
    this.table = columnTable(columns as unknown as Column[], clock);
  }

  async get(key: Key): Promise<Stored> {
    return this.#measured(this.#find(key), MOST_COUNTED);
  }

  /** Nothing is kept of them, so there is no revision and there are no pages. */
  async list(options: ListOptions): Promise<ObjectList> {
    const selects = selectionOf(options);
    const chosen = this.#named().filter(({ object }) => selects(object));
    const most = Math.min(MOST_COUNTED, Math.ceil(MOST_IN_ANSWER / Math.max(1, chosen.length)));
    const items: Stored[] = [];
    for (let at = 0; at < chosen.length; at += AT_ONCE) {
      items.push(...(await Promise.all(chosen.slice(at, at + AT_ONCE).map((one) => this.#measured(one, most)))));
    }
    return { items, metadata: { resourceVersion: "" } };
  }

  async delete(key: Key, { preconditions, dryRun }: DeleteOptions): Promise<Deleted> {
    const found = this.#find(key);
    const { object, entry } = found;
    const { name, uid } = object.metadata;
    if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
      throw conflict(homes, name, "another home has this name now");
    }
    const why = await this.#needOf(entry);
    if (why !== undefined) throw conflict(homes, name, why);
    if (!dryRun && !(await this.#source.remove(entry))) throw conflict(homes, name, "an instance is about to use it");
    return { object, gone: true };
  }

  /** Why it can't go, and what to do about it. */
  async #needOf({ owner, instance, namespace, process, index }: HomeEntry): Promise<string | undefined> {
    if (instance === owner) return `instance ${process} uses it: delete the instance, and its home goes too`;
    const declared = await this.#processOf(namespace, process);
    const isWanted = declared?.metadata.uid === owner && index < (declared.spec.replicas ?? 1);
    if (instance === undefined && !isWanted) return undefined;
    const ways = `"wctl scale process/${process} --replicas=${index}" or "wctl delete process/${process}"`;
    return `it is the home of copy ${index} of process ${process}, which is not scaled away: ${ways} comes first`;
  }

  async #processOf(namespace: string, process: string): Promise<Stored<Process> | undefined> {
    try {
      return (await this.#registry.get(
        processes as unknown as Resource,
        makeKey(namespace, process),
      )) as Stored<Process>;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #find(key: Key): NamedHome {
    const found = this.#named().find(({ object }) => keyOf(object) === key);
    if (!found) throw notFound(homes, splitKey(key).name);
    return found;
  }

  #named(): NamedHome[] {
    const named = nameHomes(this.#source.all()).map(([name, entry]) => ({ entry, object: objectOf(name, entry) }));
    const order = ({ object: { metadata } }: NamedHome): string => `${metadata.namespace}/${metadata.name}`;
    return named.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  async #measured({ entry, object }: NamedHome, most: number): Promise<Stored> {
    const { runs, bytes, isPartial } = await this.#source.measure(entry, most);
    const status: Home["status"] = {
      phase: phaseOf(entry),
      runs,
      sizeBytes: bytes,
      ...(isPartial && { sizeIsPartial: true }),
      ...(entry.releasedAt !== undefined && { releasedAt: entry.releasedAt }),
      path: this.#source.folder(entry),
    };
    return { ...object, status } as Stored;
  }
}

interface NamedHome {
  entry: HomeEntry;
  /** Of its status only the phase: what takes a look at the disk comes when it is chosen. */
  object: Stored;
}

const phaseOf = ({ instance }: HomeEntry): Home["status"]["phase"] => (instance === undefined ? "Retained" : "InUse");

function objectOf(name: string, entry: HomeEntry): Stored {
  const { owner, index, namespace, process, createdAt } = entry;
  const metadata = {
    name,
    namespace,
    uid: `${owner}-${index}`,
    creationTimestamp: createdAt,
    labels: { [wellKnown.processLabel]: process },
  };
  const spec: Home["spec"] = { process, owner, index };
  const status = { phase: phaseOf(entry) };
  return { apiVersion: apiVersionOf(homes), kind: homes.kind, metadata, spec, status } as unknown as Stored;
}

const fields: Readonly<Record<string, (home: Home) => string | undefined>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace,
  "spec.process": ({ spec }) => spec.process,
  "status.phase": ({ status }) => status.phase,
};

/** Throws BadRequest. */
function selectionOf({ namespace, labelSelector = "", fieldSelector = "" }: ListOptions): (home: Stored) => boolean {
  const labels = parseLabelSelector(labelSelector);
  const wanted = parseFieldSelector(fieldSelector).map(({ field, op, value }) => {
    if (!Object.hasOwn(fields, field)) {
      throw badRequest(
        `field label not supported: ${field.slice(0, 200)} (supported: ${Object.keys(fields).join(", ")})`,
      );
    }
    return { of: fields[field]!, op, value };
  });
  return (home) =>
    (namespace === undefined || home.metadata.namespace === namespace) &&
    labels.matches(home.metadata.labels) &&
    wanted.every(({ of, op, value }) => (of(home as unknown as Home) === value) === (op === "="));
}

/** `1.4Mi`; `>1.4Mi` where not all was counted. */
const sizeText = ({ sizeBytes, sizeIsPartial }: Home["status"]): string =>
  `${sizeIsPartial ? ">" : ""}${roundBytes(sizeBytes)}`;
