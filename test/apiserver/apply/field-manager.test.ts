/** What the field manager of the real server made of the same writes (`test/oracle/`): Objects, owners, refusals. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import type { KubeObject, Stored } from "../../../api/object.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import type { WriteContext } from "../../../apiserver/admission/write-context.ts";
import { readConfiguration } from "../../../apiserver/apply/configuration.ts";
import type { Managers } from "../../../apiserver/apply/managers.ts";
import { defineKind, type Kind } from "../../../apiserver/kinds/kind.ts";
import { withManagers, withOwners } from "../../../apiserver/registry/field-owners.ts";
import { managersOfCreated, prepareApply } from "../../../apiserver/registry/prepare-apply.ts";
import { kindNamed } from "../fixtures.ts";

interface Write {
  op: "apply" | "update";
  manager: string;
  force?: true;
  subresource?: "status";
  spec?: unknown;
  status?: unknown;
  labels?: Record<string, string>;
  finalizers?: string[];
  /** What was there then: nulls left out. */
  leaves?: { spec?: unknown; status?: unknown; finalizers?: string[] };
  owners?: Record<string, unknown>;
  /** Its message, and the fields of its causes. */
  refused?: string;
  fields?: string[];
}

interface Thing extends KubeObject {
  spec?: unknown;
  status?: unknown;
}

const recorded = JSON.parse(readFileSync(new URL("../../oracle/field-manager.json", import.meta.url), "utf8")) as {
  version: string;
  schema: Schema;
  cases: { title: string; writes: Write[] }[];
};
const head = { apiVersion: "example.dev/v1", kind: "Thing" };
const now = "2026-01-01T00:00:00Z";
const { metadata } = kindNamed("ConfigMap").schema;
const text: Schema = { type: "string" };
const properties: Record<string, Schema> = { ...recorded.schema.properties, apiVersion: text, kind: text, metadata };
const resource = { group: "example.dev", version: "v1", kind: "Thing", plural: "things" } as unknown as Resource;
const kind: Kind = {
  ...defineKind({ resource: { ...resource, subresources: ["status"] } }),
  schema: { whole: { type: "object", properties }, metadata, body: {}, status: properties.status },
};

describe(`who owns what, as in Kubernetes ${recorded.version}`, () => {
  for (const { title, writes } of recorded.cases) {
    it(title, () => {
      let live: Thing | undefined;
      for (const [n, write] of writes.entries()) {
        const where = `write ${n}`;
        if (write.refused !== undefined) assertRefused(live, write, where);
        else {
          live = written(live, write);
          const { leaves = {} } = write;
          const { finalizers } = live.metadata;
          const there = { spec: live.spec, status: live.status, finalizers };
          assert.deepEqual(plain(there), leaves, where);
          assert.deepEqual(ownersOf(live), write.owners, where);
        }
      }
    });
  }
});

function assertRefused(live: Thing | undefined, write: Write, where: string): void {
  assert.throws(
    () => written(live, write),
    (error) => {
      assert.ok(error instanceof StatusError, where);
      assert.equal(error.message, write.refused, where);
      if (write.fields) assert.deepEqual(error.details?.causes?.map(({ field }) => field).sort(), write.fields, where);
      return true;
    },
  );
}

function written(live: Thing | undefined, write: Write): Thing {
  const { op, manager, force = false, subresource, spec, status, labels, finalizers } = write;
  const context: WriteContext = { fieldManager: manager, tracksFields: true, ...(subresource ? { subresource } : {}) };
  const metadata = { name: "o", ...(labels ? { labels } : {}), ...(finalizers ? { finalizers } : {}) };
  const body = plain({ ...head, metadata, spec, status }, { nulls: true }) as Thing;
  const next = op === "apply" ? applied(live, body, force, context) : updated(live, body, context);
  const kept = plain(next) as Thing;
  const managers = (next.metadata as { managedFields?: Managers }).managedFields ?? [];
  const object = subresource ? { ...live, status: kept.status } : { ...kept, status: live?.status };
  return withManagers(plain(object) as Thing, managers);
}

function applied(live: Thing | undefined, body: Thing, force: boolean, context: WriteContext): Thing {
  const config = readConfiguration(resource, body, kind.schema.whole);
  if (!live) return withManagers(body, managersOfCreated(kind, { config, force }, context, now));
  const prepare = (merged: unknown) => ({ next: merged as Stored, warnings: [] });
  const { next, managers = [] } = prepareApply(kind, live as Stored, { config, force }, context, now, prepare);
  return withManagers(next, managers);
}

function updated(live: Thing | undefined, body: Thing, context: WriteContext): Thing {
  const beside = context.subresource ? { spec: live?.spec } : { status: live?.status };
  const whole = plain({ ...body, ...beside }, { nulls: true }) as Thing;
  const managers = live?.metadata.managedFields;
  const metadata = managers ? { ...whole.metadata, managedFields: managers } : whole.metadata;
  return withOwners(kind, live as Stored | undefined, { ...whole, metadata }, context, now);
}

const ownersOf = ({ metadata }: Thing): Record<string, unknown> =>
  Object.fromEntries(
    ((metadata.managedFields ?? []) as Managers).map(({ manager, operation, subresource, fieldsV1 }) => [
      `${operation} ${manager}${subresource ? ` ${subresource}` : ""}`,
      fieldsV1,
    ]),
  );

/** Without what is undefined, and, unless told otherwise, null. */
function plain(value: unknown, keep: { nulls?: boolean } = {}): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, keep));
  if (value === null || typeof value !== "object") return value;
  const there = Object.entries(value).filter(([, item]) => item !== undefined && (keep.nulls || item !== null));
  return Object.fromEntries(there.map(([name, item]) => [name, plain(item, keep)]));
}
