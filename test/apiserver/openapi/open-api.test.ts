import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { scheme } from "../../../api/scheme.ts";
import { componentName } from "../../../apiserver/openapi/components/component-name.ts";
import { Components } from "../../../apiserver/openapi/components/components.ts";
import { OpenApi } from "../../../apiserver/openapi/open-api.ts";
import type { Storage } from "../../../apiserver/registry/storage.ts";
import { newFieldNames } from "../../../apiserver/views/events/event-of.ts";
import { accessReviews } from "../../../apiserver/views/reviews/access-reviews.ts";
import { selfSubjectReview } from "../../../apiserver/views/reviews/subject-reviews.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { PodView } from "../registry/example-views.ts";
import { TestServer } from "../test-server.ts";
import { readV2, readV3 } from "./protobuf/gnostic.ts";
import { fieldsIn, textsIn } from "./protobuf/protobuf-reader.ts";

let server: TestServer;
let openApi: OpenApi;
before(async () => {
  server = await TestServer.start();
  openApi = new OpenApi(server.registry.storages, "v1.32.0-test");
});
after(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: whatever the document says
const parsed = (bytes: Buffer | undefined): any => JSON.parse(String(bytes));

function* objectsIn(node: unknown): Generator<JsonObject> {
  if (Array.isArray(node)) for (const item of node) yield* objectsIn(item);
  else if (isObject(node)) {
    yield node;
    for (const value of Object.values(node)) yield* objectsIn(value);
  }
}

const allDocuments = () => {
  const paths = Object.keys(parsed(openApi.index().bytes).paths);
  return [parsed(openApi.v2.json().bytes), ...paths.map((path) => parsed(openApi.groupVersion(path)?.json().bytes))];
};

describe("the OpenAPI documents", () => {
  it("refer to nothing that they do not have, and have nothing that nobody refers to", () => {
    for (const document of allDocuments()) {
      const [prefix, there] = document.swagger
        ? ["#/definitions/", document.definitions]
        : ["#/components/schemas/", document.components.schemas];
      const meant = new Set<string>();
      for (const { $ref } of objectsIn(document)) if (typeof $ref === "string") meant.add($ref);
      assert.deepEqual(
        [...meant].sort(),
        Object.keys(there)
          .map((name) => prefix + name)
          .sort(),
      );
    }
  });

  it("describe every stored kind and its list, with group, version and kind", () => {
    const { definitions } = parsed(openApi.v2.json().bytes);
    const gvks = Object.values(definitions as JsonObject[]).flatMap(
      (schema) => (schema["x-kubernetes-group-version-kind"] ?? []) as object[],
    );
    for (const { group, version, kind } of scheme)
      for (const name of [kind, `${kind}List`])
        assert.ok(
          gvks.some((gvk) => JSON.stringify(gvk) === JSON.stringify({ group, version, kind: name })),
          name,
        );
    assert.ok(definitions["io.k8s.api.core.v1.ConfigMap"] && definitions["dev.wctl.v1.Process"]);
    assert.equal(
      definitions["dev.wctl.v1.Process"].properties.metadata.$ref,
      "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
    );
  });

  it("say a probe once", () => {
    for (const document of allDocuments()) assert.ok(JSON.stringify(document).split('"failureThreshold":').length <= 2);
  });

  it("use no word that OpenAPI, or a client of Kubernetes, does not take", () => {
    for (const document of allDocuments()) {
      for (const schema of objectsIn(document.definitions ?? document.components.schemas)) {
        assert.ok(!Array.isArray(schema.type), "one type");
        assert.ok(!("const" in schema) && !("$schema" in schema));
        if (document.swagger) assert.ok(!("nullable" in schema) && !("allOf" in schema));
        else if ("$ref" in schema) assert.equal(Object.keys(schema).length, 1, "nothing stands beside a reference");
      }
    }
  });

  it("declare on each write what kubectl looks for there", () => {
    for (const document of allDocuments()) {
      const operations = Object.values(document.paths as JsonObject[]).flatMap((path) =>
        ["post", "put", "patch"].flatMap((method): JsonObject[] => (path[method] ? [path[method] as JsonObject] : [])),
      );
      for (const operation of operations) {
        if (operation["x-kubernetes-action"] === "connect") continue;
        const names = (operation.parameters as { name: string }[]).map(({ name }) => name);
        for (const name of ["dryRun", "fieldManager", "fieldValidation"])
          assert.ok(names.includes(name), `${operation.operationId} ${name}`);
        assert.equal(names.includes("force"), operation["x-kubernetes-action"] === "patch");
        assert.ok(operation["x-kubernetes-group-version-kind"]);
      }
    }
  });

  it("say with what a DELETE is answered", () => {
    const { paths } = parsed(openApi.v2.json().bytes);
    const answer = (plural: string): string =>
      paths[`/api/v1/namespaces/{namespace}/${plural}/{name}`].delete.responses[200].schema.$ref.split(".").at(-1);
    assert.deepEqual(["configmaps", "serviceaccounts"].map(answer), ["Status", "ServiceAccount"]);
  });

  it("give each operation a name of its own", () => {
    const { paths } = parsed(openApi.v2.json().bytes);
    const ids = [...objectsIn(paths)].flatMap(({ operationId }) => (operationId === undefined ? [] : [operationId]));
    assert.equal(new Set(ids).size, ids.length);
    for (const id of [
      "listCoreV1NamespacedConfigMap",
      "listCoreV1ConfigMapForAllNamespaces",
      "readCoreV1Node",
      "replaceWctlDevV1NamespacedProcessScale",
      "deleteWctlDevV1CollectionNamespacedProcess",
    ])
      assert.ok(ids.includes(id), id);
  });

  it("say of core kinds by which key lists are merged", () => {
    const { definitions } = parsed(openApi.v2.json().bytes);
    const { ownerReferences, finalizers } = definitions["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"].properties;
    assert.deepEqual(
      [ownerReferences["x-kubernetes-patch-merge-key"], ownerReferences["x-kubernetes-patch-strategy"]],
      ["uid", "merge"],
    );
    assert.equal(finalizers["x-kubernetes-patch-strategy"], "merge");
    const { conditions } = definitions["io.k8s.api.core.v1.NodeStatus"].properties;
    assert.deepEqual(
      [conditions["x-kubernetes-patch-merge-key"], conditions["x-kubernetes-patch-strategy"]],
      ["type", "merge"],
    );
  });

  it("describe what is served and not stored, in other words or as a question", () => {
    const { all } = new Components();
    const { properties: fields } = all.get("io.k8s.api.events.v1.Event") as { properties: JsonObject };
    for (const name of newFieldNames) assert.ok(fields[name], name);
    const reviews = accessReviews(() => assert.fail("nobody asks"));
    assert.equal(reviews.length, 4);
    for (const { resource } of [...reviews, selfSubjectReview()])
      assert.ok(all.get(componentName(resource))?.properties, resource.kind);
  });

  it("let a resource without a schema have any field", () => {
    const document = parsed(
      new OpenApi([new PodView(server.registry)], "v1").groupVersion("apis/views.example/v1")?.json().bytes,
    );
    const { Pod } = Object.fromEntries(
      Object.entries(document.components.schemas).map(([name, schema]) => [name.split(".").at(-1), schema]),
    ) as Record<string, JsonObject>;
    assert.equal(Pod?.properties, undefined);
    assert.equal(Pod?.["x-kubernetes-preserve-unknown-fields"], true);
  });

  it("are made once, whoever asks how often", () => {
    let looks = 0;
    const counted = [...server.registry.storages].map(
      (storage) =>
        new Proxy(storage, {
          get(target, key) {
            looks++;
            const value: unknown = Reflect.get(target, key);
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
    );
    const documents = new OpenApi(counted as Iterable<Storage>, "v1");
    const core = () => documents.groupVersion("api/v1")!;
    const ask = () => [
      ...[documents.v2.json(), documents.v2.protobuf(), documents.index()],
      ...[core().json(), core().protobuf()],
    ];
    const first = ask();
    const afterFirst = looks;
    assert.ok(afterFirst > 0);
    for (let n = 0; n < 1000; n++) assert.ok(ask().every((body, index) => body === first[index]));
    assert.equal(looks, afterFirst);
  });
});

describe("OpenAPI as protobuf", () => {
  it("says all that the JSON says, in version 2, but that there are no parameters", () => {
    const sayable = JSON.parse(openApi.v2.json().bytes.toString("utf8"), (key, value) =>
      key === "parameters" && value.length === 0 ? undefined : value,
    );
    assert.deepEqual(readV2(openApi.v2.protobuf().bytes), sayable);
  });

  it("says all that the JSON says, in version 3, but for defaults that are no scalars", () => {
    for (const path of Object.keys(parsed(openApi.index().bytes).paths)) {
      const { json, protobuf } = openApi.groupVersion(path)!;
      const sayable = JSON.parse(json().bytes.toString("utf8"), (key, value) =>
        key === "default" && typeof value === "object" ? "no scalar" : value,
      );
      assert.deepEqual(readV3(protobuf().bytes), sayable, path);
    }
  });

  it("has the parameters of a PATCH as kubectl 1.20 reads them", () => {
    const path = "/apis/wctl.dev/v1/namespaces/{namespace}/processes/{name}";
    const items = fieldsIn(fieldsIn(openApi.v2.protobuf().bytes).get(8)?.[0] as Buffer).get(2) as Buffer[];
    const item = items.map((bytes) => fieldsIn(bytes)).find((fields) => textsIn(fields, 1)[0] === path)!;
    const patch = fieldsIn(fieldsIn(item.get(2)?.[0] as Buffer).get(8)?.[0] as Buffer);
    const names = (patch.get(8) as Buffer[]).flatMap((bytes) => {
      const parameter = fieldsIn(fieldsIn(bytes).get(1)?.[0] as Buffer);
      const query = fieldsIn((parameter.get(2)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)).get(3);
      return query ? textsIn(fieldsIn(query[0] as Buffer), 4) : [];
    });
    assert.deepEqual(names, ["dryRun", "fieldManager", "fieldValidation", "force"]);
    const extension = (patch.get(13) as Buffer[])
      .map((bytes) => fieldsIn(bytes))
      .find((fields) => textsIn(fields, 1)[0] === "x-kubernetes-group-version-kind")!;
    const [yaml] = textsIn(fieldsIn(extension.get(2)?.[0] as Buffer), 2);
    assert.deepEqual(JSON.parse(yaml!), { group: "wctl.dev", version: "v1", kind: "Process" });
  });
});
