import { apiVersionOf } from "../../api/scheme.ts";
import { patchTypesOf } from "../http/body.ts";
import { KeptBody } from "../http/kept-body.ts";
import type { Storage } from "../registry/storage.ts";
import { Components } from "./components.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { type V2Document, v2Document } from "./v2.ts";
import { v2Protobuf } from "./v2-protobuf.ts";
import { v3Document } from "./v3.ts";

const protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * What is served, as OpenAPI documents. What is served does not change, so each is made when it is asked for first, and kept as bytes; what it was made from
 * is let go.
 */
export class OpenApi {
  readonly #storages: readonly Storage[];
  readonly #info: V2Document["info"];
  #groupVersions: ReadonlyMap<string, KeptBody> | undefined;
  #index: KeptBody | undefined;
  #v2: KeptBody | undefined;
  #v2Protobuf: KeptBody | undefined;

  constructor(storages: Iterable<Storage>, version: string) {
    this.#storages = [...storages];
    this.#info = { title: "Kubernetes", version };
  }

  v2(): KeptBody {
    this.#v2 ??= new KeptBody("application/json", JSON.stringify(this.#v2Document()));
    return this.#v2;
  }

  v2Protobuf(): KeptBody {
    this.#v2Protobuf ??= new KeptBody(protobufType, v2Protobuf(this.#v2Document()));
    return this.#v2Protobuf;
  }

  /** Where the documents of version 3 are: each under a URL that changes with it, so that clients may keep it for good. */
  index(): KeptBody {
    if (this.#index) return this.#index;
    const paths = [...this.#documents()].map(([path, document]) => [
      path,
      { serverRelativeURL: hashedUrl(path, document) },
    ]);
    this.#index = new KeptBody("application/json", JSON.stringify({ paths: Object.fromEntries(paths) }));
    return this.#index;
  }

  /** By `api/v1`, `apis/wctl.dev/v1`. Undefined for what is not served. */
  groupVersion(path: string): KeptBody | undefined {
    return this.#documents().get(path);
  }

  #documents(): ReadonlyMap<string, KeptBody> {
    this.#groupVersions ??= this.#makeDocuments();
    return this.#groupVersions;
  }

  #makeDocuments(): Map<string, KeptBody> {
    const { byGroupVersion, components } = this.#described();
    return new Map(
      [...byGroupVersion].map(([path, operations]) => [
        path,
        new KeptBody("application/json", JSON.stringify(v3Document(operations, components.all, this.#info))),
      ]),
    );
  }

  #v2Document(): V2Document {
    const { byGroupVersion, components } = this.#described();
    return v2Document([...byGroupVersion.values()].flat(), components.all, this.#info);
  }

  #described(): { byGroupVersion: Map<string, Operation[]>; components: Components } {
    const components = new Components();
    const byGroupVersion = new Map<string, Operation[]>();
    for (const [path, storages] of [...Map.groupBy(this.#storages, pathOf)].sort(([a], [b]) => (a < b ? -1 : 1)))
      byGroupVersion.set(
        path,
        storages.flatMap((storage) => operationsOf(storage, components, patchTypesOf(storage.resource))),
      );
    return { byGroupVersion, components };
  }
}

const pathOf = ({ resource }: Storage): string => `${resource.group ? "apis" : "api"}/${apiVersionOf(resource)}`;

export const hashedUrl = (path: string, { hash }: KeptBody): string => `/openapi/v3/${path}?hash=${hash}`;
