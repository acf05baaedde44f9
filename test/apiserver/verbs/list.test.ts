import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ListOptions, ObjectList } from "../../../api/client.ts";
import type { Storage } from "../../../apiserver/registry/storage.ts";
import { resourceOf } from "../registry/example-views.ts";
import { TestServer } from "../test-server.ts";

const item = (name: string) => ({
  apiVersion: "views.example/v1",
  kind: "Ghost",
  metadata: { name, uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
});

/** Something that cannot be read as a whole; what is not called `lost` is still there. */
class Damaged implements Storage {
  readonly resource = resourceOf("Ghost", "ghosts", { namespaced: false });

  list({ labelSelector }: ListOptions): ObjectList {
    const items = labelSelector === "lost" ? [] : [item("one")];
    return { items, metadata: { resourceVersion: "1" } };
  }

  incomplete(): string {
    return "its keys are gone";
  }
}

/** Nothing can be written of it at present. */
class Stuck implements Storage {
  readonly resource = resourceOf("Rock", "rocks", { namespaced: false });
  get = () => item("one");
  list = (): ObjectList => ({ items: [], metadata: { resourceVersion: "1" } });
  outdated = (): string => "its disk is full";
}

describe("what may be older than what is", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ views: () => [new Stuck()] });
  });
  after(() => server.stop());

  it("is read all the same, alone and in a list, with a warning", async () => {
    for (const path of ["rocks", "rocks/one"]) {
      const { code, headers } = await server.ask("GET", `/apis/views.example/v1/${path}`);
      assert.deepEqual([code, headers.warning], [200, '299 - "what is shown may be out of date: its disk is full"']);
    }
  });
});

describe("a list of what cannot be read as a whole", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ views: () => [new Damaged()] });
  });
  after(() => server.stop());

  it("says so beside what is still there, in every form", async () => {
    for (const accept of ["application/json", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"]) {
      const { code, json, headers } = await server.ask("GET", "/apis/views.example/v1/ghosts", { headers: { accept } });
      assert.deepEqual([code, json.items.length], [200, 1]);
      assert.equal(headers.warning, '299 - "this list may be incomplete: its keys are gone"');
    }
  });

  it("is never called empty", async () => {
    const { code, json } = await server.ask("GET", "/apis/views.example/v1/ghosts?labelSelector=lost");
    assert.deepEqual([code, json.message], [503, "its keys are gone"]);
  });
});
