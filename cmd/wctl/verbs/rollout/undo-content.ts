import type { Client, WriteOptions } from "../../../../api/client.ts";
import { contentKey, contentKeysOf } from "../../../../api/content/content-references.ts";
import { isIntact } from "../../../../api/content/kept-copy.ts";
import { type Place, placesOf } from "../../../../api/content/recorded-content.ts";
import { isNotFound } from "../../../../api/errors.ts";
import { makeKey, type Stored } from "../../../../api/object.ts";
import { configMaps, processes, type Resource, secrets } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { Failure } from "../../errors/failure.ts";
import type { Revision } from "../../rollout/revisions.ts";
import { type Content, type PutBack, putBack } from "./put-back.ts";

const resources = { configmaps: configMaps, secrets } as unknown as Record<Place["plural"], Resource<Content>>;

/** What of ConfigMaps and Secrets is to be put back for a revision. Throws when something of it was not kept, may not be read, or can't be changed. */
export async function contentToPutBack(
  client: Client,
  process: Stored<Process>,
  revision: Revision,
): Promise<PutBack[]> {
  const places = placesOf(revision, process);
  const unkept = places.filter(({ isUnkept }) => isUnkept);
  if (unkept.length > 0) throw notKept(revision, unkept, "was not kept");
  const changes: PutBack[] = [];
  for (const place of places) {
    const copy = place.keptAs === undefined ? undefined : await copyOf(client, process, revision, place);
    const live = await found(client, place.plural, makeKey(process.metadata.namespace, place.name));
    const change = putBack(place, copy, live);
    if (!change) continue;
    if (live?.immutable)
      throw new Failure(
        `${nounOf(place)} is immutable, and revision ${revision.number} was made with other content of it`,
      );
    changes.push(change);
  }
  return changes;
}

async function copyOf(
  client: Client,
  process: Stored<Process>,
  revision: Revision,
  place: Place,
): Promise<Stored<Content>> {
  const copy = await found(client, place.plural, makeKey(process.metadata.namespace, place.keptAs!));
  if (!copy) throw notKept(revision, [place], `is not kept any more: somebody has deleted "${place.keptAs}"`);
  if (!isIntact(copy))
    throw notKept(revision, [place], `is not kept any more: "${place.keptAs}" is not what wctl has kept`);
  return copy;
}

/** Checked by the server, or written, with the version that was read: what somebody else changes meanwhile is a Conflict. */
export async function writeBack(
  client: Client,
  { namespace }: Stored["metadata"],
  { plural, name, live, data, binaryData, type }: PutBack,
  options: WriteOptions,
): Promise<void> {
  const isFilled = (values: object): boolean => Object.keys(values).length > 0;
  const values = { ...(isFilled(data) && { data }), ...(isFilled(binaryData) && { binaryData }) };
  if (live) {
    const { resourceVersion } = live.metadata;
    const body = { metadata: { resourceVersion }, ...values };
    await client.patch(resources[plural], makeKey(namespace, name), { type: "merge", body }, options);
    return;
  }
  const kind = plural === "secrets" ? "Secret" : "ConfigMap";
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const made = { apiVersion: "v1", kind, metadata, ...(type === undefined ? {} : { type }), ...values };
  await client.create(resources[plural], made as unknown as Content, options);
}

/** The other Processes that refer to what is put back, by `configmaps/default/web`. */
export async function othersReferringTo(client: Client, process: Stored<Process>): Promise<Map<string, string[]>> {
  const { namespace, uid } = process.metadata;
  const { items } = await client.list(processes, namespace === undefined ? {} : { namespace });
  const others = items.filter(({ metadata }) => metadata.uid !== uid);
  const pairs = others.flatMap((other) => contentKeysOf(other).map((key) => ({ key, name: other.metadata.name })));
  return new Map(
    Array.from(
      Map.groupBy(pairs, ({ key }) => key),
      ([key, of]) => [key, of.map(({ name }) => name)],
    ),
  );
}

export const placeKey = ({ namespace }: Stored["metadata"], { plural, name }: PutBack): string =>
  contentKey(plural, makeKey(namespace, name));

const nounOf = ({ plural, name }: Pick<Place, "plural" | "name">): string =>
  `${plural === "secrets" ? "secret" : "configmap"} "${name}"`;

function notKept({ number }: Revision, places: readonly Place[], what: string): Failure {
  const named = places.map(nounOf);
  return new Failure(`revision ${number} was made with content of ${named.join(", ")} that ${what}`, {
    hint: "Apply what was there before: the copies follow. --to-revision names another revision.",
  });
}

async function found(client: Client, plural: Place["plural"], key: string): Promise<Stored<Content> | undefined> {
  try {
    return await client.get(resources[plural], key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
