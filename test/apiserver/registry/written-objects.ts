import assert from "node:assert/strict";
import { afterEach, beforeEach } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import type { KubeObject, Stored } from "../../../api/object.ts";
import { processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { type Desk, openDesk, process } from "../fixtures.ts";

/** A registry on an empty store for each test of a file that asks for it; below are short words for what a client asks of it. */
export let desk: Desk;
export function deskForEachTest(): void {
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.store.close());
}

export const refused = async (work: Promise<unknown>): Promise<StatusError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
};

export const create = (
  body: unknown,
  options: object = {},
  resource: Resource = processes as Resource,
): Promise<Stored> => desk.registry.create(resource, "default", body, options).then((written) => written.object);
export const made = (
  name: string,
  spec: Record<string, unknown> = {},
  metadata: object = {},
): Promise<Stored<Process>> => create(process(name, spec, metadata)) as Promise<Stored<Process>>;
export const read = async (name: string): Promise<Stored<Process>> =>
  (await desk.registry.get(processes as Resource, `default/${name}`)) as Stored<Process>;
export const put = (
  body: Partial<KubeObject> & { metadata: { name: string } } & { status?: unknown },
  options: object = {},
): Promise<Stored<Process>> =>
  desk.registry
    .update(processes as Resource, `default/${body.metadata.name}`, body, options)
    .then(({ object }) => object as unknown as Stored<Process>);
export const merge = (name: string, body: unknown, options: object = {}): Promise<Stored<Process>> =>
  desk.registry
    .patch(processes as Resource, `default/${name}`, { type: "merge", body }, options)
    .then(({ object }) => object as unknown as Stored<Process>);
