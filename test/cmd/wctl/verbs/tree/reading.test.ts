import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client, ListOptions } from "../../../../../api/client.ts";
import { StatusError } from "../../../../../api/errors.ts";
import { clusterRoles, configMaps, instances, type Resource, secrets } from "../../../../../api/scheme.ts";
import { Reading } from "../../../../../cmd/wctl/verbs/tree/reading.ts";

/** `answer` says for each question what is wrong with it; nothing is: one object. */
function reading(answer: (resource: Resource, options: ListOptions) => string | undefined): Reading {
  const list = async (resource: Resource, options: ListOptions): Promise<object> => {
    const reason = answer(resource, options);
    if (reason !== undefined) throw new StatusError(reason as "Forbidden", "no");
    return { items: [{ metadata: { name: options.namespace ?? "everywhere" } }] };
  };
  return new Reading({ list } as unknown as Client, new AbortController().signal);
}

const namesOf = async (lists: Promise<{ metadata: { name: string } }[]>): Promise<string[]> =>
  (await lists).map(({ metadata }) => metadata.name);

describe("what wctl tree reads", () => {
  it("is all there is where that is allowed", async () => {
    const all = reading(() => undefined);
    assert.deepEqual(await namesOf(all.list(configMaps, "a=b", "home")), ["everywhere"]);
    assert.deepEqual(all.gaps(), []);
  });

  it("is the source's own namespace where no other is allowed, and that is told", async () => {
    const some = reading((_, { namespace }) => (namespace === undefined ? "Forbidden" : undefined));
    assert.deepEqual(await namesOf(some.list(configMaps, "a=b", "home")), ["home"]);
    await some.list(instances, undefined, "home");
    await some.list(clusterRoles, "a=b", "home");
    assert.deepEqual(some.gaps(), [
      "you may list these in the namespace home only: configmaps, instances",
      "left out, because you may not list them: clusterroles",
    ]);
  });

  it("leaves out what is allowed nowhere", async () => {
    const none = reading(() => "Forbidden");
    assert.deepEqual(await none.list(secrets, "a=b", "home"), []);
    assert.deepEqual(none.gaps(), ["left out, because you may not list them: secrets"]);
  });

  it("takes a kind that the server does not know for one without objects", async () => {
    const older = reading(() => "NotFound");
    assert.deepEqual(await older.list(secrets, "a=b", "home"), []);
    assert.deepEqual(older.gaps(), []);
  });

  it("fails with anything else", async () => {
    const broken = reading(() => "InternalError");
    await assert.rejects(broken.list(secrets, "a=b", "home"), { reason: "InternalError" });
  });
});
