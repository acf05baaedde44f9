import { apiVersionOf } from "../../api/scheme.ts";
import { once } from "../../lib/once.ts";
import { patchTypesOf } from "../http/body.ts";
import { KeptBody } from "../http/kept-body.ts";
import type { Storage } from "../registry/storage.ts";
import { Components } from "./components/components.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { v2Protobuf } from "./protobuf/v2-protobuf.ts";
import { v3Protobuf } from "./protobuf/v3-protobuf.ts";
import { type V2Document, v2Document } from "./v2.ts";
import { v3Document } from "./v3.ts";

const json = "application/json";
/** As answers are labelled. */
export const protobufType = (version: 2 | 3): string =>
  `application/com.github.proto-openapi.spec.v${version}.v1.0+protobuf`;

/** A document in each form that there is. */
export interface Forms {
  json: () => KeptBody;
  protobuf: () => KeptBody;
}

/**
 * What is served, as OpenAPI documents. What is served does not change, so each is made when it is asked for first, and kept as bytes; what it was made from
 * is let go.
 */
export class OpenApi {
  readonly #storages: readonly Storage[];
  readonly #info: V2Document["info"];
  readonly v2: Forms = {
    json: once(() => new KeptBody(json, JSON.stringify(this.#v2Document()))),
    protobuf: once(() => new KeptBody(protobufType(2), v2Protobuf(this.#v2Document()))),
  };
  /** Where the documents of version 3 are: each under a URL that changes with it, so that clients may keep it for good. */
  readonly index = once(() => new KeptBody(json, JSON.stringify({ paths: this.#paths() })));
  readonly #groupVersions = once(() => this.#v3Documents());

  constructor(storages: Iterable<Storage>, version: string) {
    this.#storages = [...storages];
    this.#info = { title: "Kubernetes", version };
  }

  /** By `api/v1`, `apis/wctl.dev/v1`. Undefined for what is not served. */
  groupVersion(path: string): Forms | undefined {
    return this.#groupVersions().get(path);
  }

  #paths(): object {
    const urls = [...this.#groupVersions()].map(([path, forms]) => [
      path,
      { serverRelativeURL: hashedUrl(path, forms.json()) },
    ]);
    return Object.fromEntries(urls);
  }

  #v3Documents(): ReadonlyMap<string, Forms> {
    const { byGroupVersion, components } = this.#described();
    return new Map(
      [...byGroupVersion].map(([path, operations]) => {
        const document = v3Document(operations, components.all, this.#info);
        const inJson = new KeptBody(json, JSON.stringify(document));
        const inProtobuf = once(
          () => new KeptBody(protobufType(3), v3Protobuf(JSON.parse(inJson.bytes.toString("utf8")))),
        );
        return [path, { json: () => inJson, protobuf: inProtobuf }];
      }),
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
