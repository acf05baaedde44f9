import { once } from "../../lib/once.ts";
import { KeptBody } from "../http/kept-body.ts";
import type { Storage } from "../registry/storage.ts";
import {
  type AggregatedVersion,
  aggregatedDocument,
  aggregatedType,
  aggregatedVersionFor,
  aggregatedVersions,
} from "./aggregated-document.ts";
import { plainDocuments } from "./plain-documents.ts";

/** What else there is to be read at a path. */
const otherPaths = ["/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];

/** What is served, as clients ask for it. What is served does not change: each document is made when somebody asks first, and kept. */
export class Discovery {
  readonly #plain = new Map<string, () => KeptBody>();
  readonly #aggregated = new Map<string, ReadonlyMap<AggregatedVersion, () => KeptBody>>();

  constructor(storages: Iterable<Storage>) {
    const groups = Map.groupBy(storages, ({ resource }) => resource.group);
    const plain = [...plainDocuments(groups)];
    const paths = [...plain.map(([path]) => path), ...otherPaths].sort();
    for (const [path, make] of [...plain, ["/", () => ({ paths })] as const]) {
      this.#plain.set(
        path,
        once(() => kept("application/json", make())),
      );
    }
    this.#aggregated.set("/api", aggregated([...groups].filter(([group]) => group === "")));
    this.#aggregated.set("/apis", aggregated([...groups].filter(([group]) => group !== "")));
  }

  /** Undefined for a path that is no discovery document. */
  document(path: string, accept: string | undefined): KeptBody | undefined {
    const version = this.#aggregated.has(path) ? aggregatedVersionFor(accept) : undefined;
    const document = version ? this.#aggregated.get(path)?.get(version) : this.#plain.get(path);
    return document?.();
  }
}

const aggregated = (groups: Parameters<typeof aggregatedDocument>[1]): ReadonlyMap<AggregatedVersion, () => KeptBody> =>
  new Map(
    aggregatedVersions.map((version) => [
      version,
      once(() => kept(aggregatedType(version), aggregatedDocument(version, groups))),
    ]),
  );

const kept = (type: string, document: object): KeptBody => new KeptBody(type, `${JSON.stringify(document)}\n`);
