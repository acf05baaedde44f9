import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { admitObject } from "../../../apiserver/admission/admit.ts";
import { assertWellFormed } from "../../../apiserver/admission/well-formed.ts";
import type { Kind } from "../../../apiserver/kinds/kind.ts";
import { kinds } from "../../../apiserver/kinds/kinds.ts";
import { prepareCreate, prepareStatusUpdate, prepareUpdate } from "../../../apiserver/registry/prepare.ts";
import { readTypeMeta } from "../../../apiserver/registry/type-meta.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { repeats } from "../../repeats.ts";
import { hostileManifest } from "./hostile-manifests.ts";

const MANIFESTS = repeats(4_000);
const defaults = { backoff: { maxSeconds: 120 }, probe: { periodSeconds: 7 } };
const options = {};

/** What the Registry does with the body of a create, without the Store. */
function admitted(kind: Kind, body: unknown): Stored {
  assertWellFormed(body);
  const admission = admitObject(kind, readTypeMeta(kind, body), undefined, defaults);
  const { name, namespace } = admission.metadata;
  const next = prepareCreate(kind, admission, {
    name: name ?? "",
    namespace,
    uid: "11111111-1111-1111-1111-111111111111",
    creationTimestamp: "2026-01-01T00:00:00Z",
  });
  return { ...next, metadata: { ...next.metadata, resourceVersion: "7" } } as Stored;
}

/** The answer, or undefined when it was refused as bad input is. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof StatusError && error.code >= 400 && error.code < 500 && error.message !== "") return undefined;
    throw error;
  }
}

const content = { all: () => [], in: () => [], isEmpty: () => true, find: () => undefined };

describe("admission", () => {
  it(`answers ${MANIFESTS} hostile manifests with an Object or a 4xx; what it accepts stays as it is`, (t) => {
    const pristine = Object.getOwnPropertyNames(Object.prototype).join();
    let accepted = 0;
    let statuses = 0;
    const anyKind = fc.constantFrom(...kinds);
    fc.assert(
      fc.property(anyKind, fc.integer(), fc.nat({ max: 4 }), (kind, seed, mutations) => {
        const body = hostileManifest(kind.resource, seed, mutations);
        if (
          kind.schema.status &&
          unlessRefused(() => prepareStatusUpdate(kind, blank(kind), statusOf(body, kind), options))
        )
          statuses++;
        const object = unlessRefused(() => admitted(kind, body));
        if (!object) return;
        accepted++;
        assert.ok(sameJson(JSON.parse(JSON.stringify(object)), object), "reads back equal");
        const { resourceVersion, ...metadata } = object.metadata;
        assert.ok(sameJson(admitted(kind, { ...object, metadata }), object), "D(D(x)) = D(x)");
        assert.ok(
          sameJson(
            prepareUpdate(kind, object, object, { fieldValidation: "Strict" }, { defaults: {}, content }).next,
            object,
          ),
          "get, put: no change",
        );
      }),
      { numRuns: MANIFESTS },
    );
    t.diagnostic(`${accepted} accepted, ${statuses} statuses accepted`);
    assert.ok(accepted > MANIFESTS / 10, "enough of them are valid to mean something");
    assert.ok(accepted < MANIFESTS * 0.9, "enough of them are not");
    assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), pristine);
  });
});

const blank = ({ resource }: Kind): Stored => ({
  apiVersion: resource.group ? "wctl.dev/v1" : "v1",
  kind: resource.kind,
  metadata: {
    name: "x",
    namespace: "default",
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
  },
});

/** The body as a status write of the Object `x`. */
function statusOf(body: unknown, kind: Kind): unknown {
  assertWellFormed(body);
  return { ...(body as object), apiVersion: blank(kind).apiVersion, kind: kind.resource.kind, metadata: { name: "x" } };
}
