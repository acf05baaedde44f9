import { nearestLine } from "../../../../api/manifests/server-errors.ts";
import { makeKey } from "../../../../api/object.ts";
import { isObject } from "../../../../lib/json-object.ts";
import { didYouMean } from "../../../../lib/near-miss.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import { circles, type Edge } from "./circles.ts";
import { about, type Finding } from "./finding.ts";
import { type Reference, referencesIn } from "./references.ts";

/** What the Objects of the files say of each other, and is not so. Warnings: the server may have what the files have not. */
export function danglingReferences(manifests: readonly ManifestObject[]): Finding[] {
  const known = new Map(manifests.map((manifest) => [idOf(manifest.object.kind, manifest.key), manifest]));
  const processes = manifests.filter(({ object }) => object.kind === "Process");
  const references = new Map(processes.map((process) => [process, referencesIn(specOf(process))]));
  return [
    ...processes.flatMap((process) => references.get(process)!.flatMap((one) => checkOne(process, one, known))),
    ...circles(edgesOf(references, known)).map(({ last, names }) =>
      warning(last.from, last.reference, `these wait for each other and never start: ${way(names)}`),
    ),
  ];
}

/** So many names of a circle are told. */
const MOST_NAMES = 12;

/** `a → b → a`; of a long one both ends. */
function way(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(" → ");
  const half = MOST_NAMES / 2;
  const between = `(${names.length - MOST_NAMES} more)`;
  return [...names.slice(0, half), between, ...names.slice(-half)].join(" → ");
}

const idOf = (kind: string, key: string): string => `${kind}/${key}`;
const specOf = ({ object }: ManifestObject): unknown => (object as { spec?: unknown }).spec;

type Known = ReadonlyMap<string, ManifestObject>;

const targetOf = ({ object }: ManifestObject, { kind, name }: Reference, known: Known): ManifestObject | undefined =>
  known.get(idOf(kind, makeKey(object.metadata.namespace, name)));

function checkOne(process: ManifestObject, reference: Reference, known: Known): Finding[] {
  const { kind, name, key, optional } = reference;
  if (optional) return [];
  const noun = `${kind.toLowerCase()} ${JSON.stringify(name)}`;
  const target = targetOf(process, reference, known);
  if (!target) {
    const names = [...known.values()]
      .filter(({ object }) => object.kind === kind)
      .map(({ object }) => object.metadata.name);
    return [
      warning(
        process,
        reference,
        `${noun} is in none of these files, so it has to be on the server${didYouMean(name, names)}`,
      ),
    ];
  }
  const keys = keysOf(target);
  if (key === undefined || keys.includes(key)) return [];
  const where = `${noun} (${target.file}:${target.line})`;
  return [warning(process, reference, `${where} has no key ${JSON.stringify(key)}${didYouMean(key, keys)}`)];
}

const keysOf = ({ object }: ManifestObject): string[] => {
  const { data, stringData, binaryData } = object as { data?: unknown; stringData?: unknown; binaryData?: unknown };
  return [data, stringData, binaryData].flatMap((values) => (isObject(values) ? Object.keys(values) : []));
};

const warning = (process: ManifestObject, { field }: Reference, message: string): Finding =>
  about(process, "warning", { field, message, line: nearestLine(process, field) });

/** Who waits for whom. Of a Process that waits for itself its rules speak. */
const edgesOf = (references: ReadonlyMap<ManifestObject, readonly Reference[]>, known: Known): Edge[] =>
  [...references].flatMap(([from, all]) =>
    all.flatMap((reference) => {
      const to = reference.kind === "Process" ? targetOf(from, reference, known) : undefined;
      return to && to !== from ? [{ from, to, reference }] : [];
    }),
  );
