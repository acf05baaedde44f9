import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { schemas } from "../../../api/schemas.generated.ts";
import { type Resource, scheme } from "../../../api/scheme.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { mergePatch } from "../../../apiserver/patch/merge-patch.ts";
import { instance, openDesk } from "../fixtures.ts";

const SIZE = 64 * 1024;

/** Texts that make patterns with backtracking run for minutes. */
const ATTACKS = ["a", "0", "-", ".", "a.", "0,", "0-", "=", "A", " ", "\\", "/", ":", "%", "é", "a-", "\n"].flatMap(
  (part) => {
    const text = part.repeat(SIZE / part.length);
    return [text, `${text}!`];
  },
);

/** Where each kind takes text, with a step `[]` for an item of a list and `*` for any key. */
function textPlaces(schema: Schema, path: string[] = []): string[][] {
  const own = [schema.type ?? []].flat().includes("string") ? [path] : [];
  return [
    ...own,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, below]) => textPlaces(below, [...path, name])),
    ...(schema.items ? textPlaces(schema.items, [...path, "[]"]) : []),
    ...(schema.additionalProperties ? textPlaces(schema.additionalProperties, [...path, "*"]) : []),
  ];
}

const place = ([step, ...rest]: readonly string[], text: string): unknown => {
  if (step === undefined) return text;
  if (step === "[]") return [place(rest, text)];
  return { [step === "*" ? text.slice(0, 40_000) : step]: place(rest, text) };
};

describe("no text takes long to refuse", () => {
  for (const resource of scheme) {
    it(resource.kind, async () => {
      const desk = await openDesk();
      const create = (body: object) =>
        desk.registry.create(resource as Resource, resource.namespaced ? "default" : undefined, body, {
          dryRun: true,
          fieldValidation: "Strict",
        });
      // So much is right that the rules beyond the schema are asked as well.
      const { command, ...rest } = instance("x").spec as Record<string, unknown>;
      const spec = resource.kind === "Instance" ? { command, ...rest } : { command };
      const valid = resource.group ? { spec } : {};
      const typed = { apiVersion: resource.group ? "wctl.dev/v1" : "v1", kind: resource.kind };
      const places = textPlaces((schemas as unknown as Record<string, Schema>)[resource.kind] ?? {});
      await create({ ...typed, metadata: { name: "warm" } }).catch(() => {});
      let worst = 0;
      for (const steps of places.filter(([first]) => first !== "apiVersion" && first !== "kind")) {
        for (const attack of ATTACKS) {
          const body = mergePatch({ ...typed, metadata: { name: "x" }, ...valid }, place(steps, attack)) as object;
          const before = process.cpuUsage();
          await create(body).catch((error: unknown) =>
            assert.ok(error instanceof StatusError && error.code < 500, String(error)),
          );
          const { user, system } = process.cpuUsage(before);
          worst = Math.max(worst, (user + system) / 1e6);
        }
      }
      // In processor time, which a busy machine does not stretch. A pattern that goes back over the text takes many seconds of it for
      // 64 KiB; one that does not takes milliseconds.
      assert.ok(worst < 1, `the slowest took ${worst.toFixed(3)} s of processor time`);
      await desk.store.close();
    });
  }
});
