import type { JsonObject } from "../../lib/json-object.ts";
import type { Dice } from "./dice.ts";
import type { Made } from "./made.ts";
import { asProtobuf } from "./protobuf-body.ts";
import type { Operation } from "./published.ts";
import { Sampler } from "./sample.ts";
import { spoilt, spoiltText, tamed, wildYaml } from "./spoil.ts";
import { wildTexts, wildValues } from "./wild.ts";

export interface Body {
  bytes: Buffer;
  mediaType: string | undefined;
}

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const foreign = [
  PROTOBUF,
  "application/cbor",
  "application/strategic-merge-patch+json",
  "application/merge-patch+json",
  "application/apply-patch+cbor",
  "application/x-www-form-urlencoded",
  "text/plain",
  "application/json; charset=utf-8",
  "application/json; charset=latin1",
  "APPLICATION/JSON",
  "application/json, application/yaml",
  "fz",
  "",
];

/** The body of one operation at one path. */
export class BodyMaker {
  readonly #operation: Operation;
  readonly #path: string;
  readonly #made: Made;
  readonly #dice: Dice;
  readonly #sampler: Sampler;

  constructor(operation: Operation, path: string, made: Made, dice: Dice) {
    this.#operation = operation;
    this.#path = path;
    this.#made = made;
    this.#dice = dice;
    this.#sampler = new Sampler(operation.components, dice);
  }

  make(): Body | undefined {
    const dice = this.#dice;
    const { method, body, kind } = this.#operation;
    if (!body || (method === "DELETE" && dice.chance(0.6))) return undefined;
    const mediaType = method === "PATCH" ? dice.pick(body.mediaTypes) : this.#mediaType(body.mediaTypes);
    const good = method === "PATCH" ? this.#patch(mediaType) : method === "DELETE" ? this.#options() : this.#object();
    const value = tamed(dice.trick(0.6) ? spoilt(good as JsonObject, dice) : good) as JsonObject;
    const bytes = (mediaType === PROTOBUF && asProtobuf(value, kind)) || this.#text(value, mediaType);
    if (mediaType === PROTOBUF && dice.trick(0.3)) bytes[dice.below(bytes.length)] = dice.below(256);
    return { bytes, mediaType: dice.trick(0.1) ? dice.pick(foreign) : mediaType };
  }

  #options(): JsonObject {
    const kind = { group: "", version: "v1", kind: "DeleteOptions" };
    const { metadata: _, ...options } = this.#sampler.object(this.#operation.body?.schema ?? {}, kind, {});
    return options;
  }

  #mediaType(published: readonly string[]): string {
    return this.#dice.weighted(
      [8, () => "application/json"],
      [2, () => this.#dice.pick(published)],
      [2, () => PROTOBUF],
    );
  }

  #text(value: JsonObject, mediaType: string): Buffer {
    const dice = this.#dice;
    if (mediaType.endsWith("yaml") && dice.trick(0.5)) return Buffer.from(wildYaml(value, dice));
    const text = JSON.stringify(value);
    return dice.trick(0.2) ? spoiltText(text, dice) : Buffer.from(text);
  }

  /** What was seen at the path is written back, with a change or without. */
  #object(): JsonObject {
    const dice = this.#dice;
    const { body, kind, method } = this.#operation;
    const path = this.#path.replace(/\/(status|finalize)$/, "");
    const seen = method === "PUT" ? this.#made.at(path) : undefined;
    if (seen && dice.chance(0.8)) return this.#changed(structuredClone(seen));
    const name = method === "PUT" ? this.#nameInPath() : `fz-${dice.below(4)}`;
    return this.#sampler.object(body?.schema ?? {}, kind, {
      ...dice.weighted<JsonObject>(
        [12, () => ({ name })],
        [1, () => ({ generateName: "fz-" })],
        [dice.trick(1) ? 1 : 0, () => ({})],
      ),
      ...this.#sampler.metadata(),
      ...(dice.trick(0.2) ? { resourceVersion: this.#made.any(dice)?.metadata.resourceVersion ?? "1" } : {}),
      ...(dice.trick(0.1) ? { uid: this.#made.any(dice)?.metadata.uid ?? "fz" } : {}),
      ...(dice.trick(0.1) ? { managedFields: this.#managedFields() } : {}),
    });
  }

  #changed(object: JsonObject & { metadata: JsonObject }): JsonObject {
    const dice = this.#dice;
    if (dice.chance(0.3)) return object;
    if (dice.chance(0.3)) delete object.metadata.resourceVersion;
    if (dice.trick(0.4)) object.metadata.managedFields = this.#managedFields();
    const made = this.#sampler.object(this.#operation.body?.schema ?? {}, this.#operation.kind, {});
    for (const name of dice.some(["spec", "data", "status", "rules", "subjects"], 3)) {
      if (made[name] !== undefined) object[name] = made[name];
    }
    return { ...object, metadata: { ...object.metadata, ...this.#sampler.metadata() } };
  }

  #managedFields(): unknown {
    const dice = this.#dice;
    const entry = {
      manager: dice.pick(["fuzz", "kubectl", ...wildTexts]),
      operation: dice.pick(["Apply", "Update", "Fz"]),
      apiVersion: dice.pick(["v1", "wctl.dev/v1", "fz/v1"]),
      time: "2026-01-02T03:04:05Z",
      fieldsType: dice.pick(["FieldsV1", "FieldsV1", "fz"]),
      fieldsV1: dice.pick<unknown>([
        { "f:data": { ".": {}, "f:a": {} } },
        { "f:spec": {} },
        { 'k:{"name":"a"}': {} },
        { "v:1": {} },
        {},
        { "x:": 1 },
      ]),
      ...(dice.chance(0.2) ? { subresource: "status" } : {}),
    };
    return dice.weighted<unknown>(
      [2, () => [entry]],
      [1, () => []],
      [1, () => [{}]],
      [1, () => this.#made.any(dice)?.metadata.managedFields ?? null],
    );
  }

  #nameInPath(): string {
    return (
      this.#path
        .replace(/\/(status|finalize|scale)$/, "")
        .split("/")
        .at(-1) ?? "fz"
    );
  }

  #patch(mediaType: string): unknown {
    const dice = this.#dice;
    if (mediaType === "application/json-patch+json") return this.#jsonPatch();
    const path = this.#path.replace(/\/(status|scale)$/, "");
    const schema = this.#operation.components.named(this.#componentName()) ?? {};
    const metadata = this.#sampler.metadata();
    const whole = this.#sampler.object(schema, this.#operation.kind, { name: this.#nameInPath(), ...metadata });
    if (mediaType === "application/apply-patch+yaml") return this.#applied(whole, path);
    const { apiVersion: _, kind: _kind, ...rest } = whole;
    const part: JsonObject = { ...rest, metadata };
    if (dice.trick(0.2)) part.metadata = { ...metadata, managedFields: this.#managedFields() };
    if (dice.trick(0.4)) part[dice.pick(["data", "spec", "metadata"])] = dice.pick([null, { fz: null }, { a: "b" }]);
    if (mediaType.startsWith("application/strategic") && dice.trick(0.8)) {
      const directives: JsonObject[] = [
        { $patch: dice.pick<unknown>(["replace", "delete", "merge", "fz", 1]) },
        { $retainKeys: dice.pick<unknown>([["data"], ["fz"], "fz", [1]]) },
        { "$deleteFromPrimitiveList/finalizers": ["fz"] },
        { "$setElementOrder/finalizers": ["a", "b"] },
        {
          metadata: {
            "$setElementOrder/ownerReferences": [{ uid: "a" }],
            ownerReferences: [{ $patch: "delete", uid: "a" }],
          },
        },
        { "$deleteFromPrimitiveList/": 1 },
      ];
      Object.assign(part, dice.pick(directives));
    }
    return part;
  }

  #applied(whole: JsonObject, path: string): JsonObject {
    const seen = this.#made.at(path);
    if (!seen || this.#dice.chance(0.7)) return whole;
    const { managedFields: _, ...metadata } = seen.metadata;
    return { ...seen, metadata };
  }

  #jsonPatch(): unknown {
    const dice = this.#dice;
    const paths = [
      "/metadata/labels",
      "/metadata/labels/fz",
      "/spec",
      "/spec/replicas",
      "/data",
      "/data/fz",
      "/metadata/finalizers/-",
      "",
      "/",
      "/metadata/name",
      "/~2",
      "/__proto__/fz",
      "/metadata/managedFields",
      "/metadata/managedFields/0",
      "fz",
    ];
    const operations = Array.from({ length: 1 + dice.below(3) }, () => ({
      op: dice.pick(["add", "add", "replace", "remove", "test", "move", "copy", "fz"]),
      path: dice.pick(paths),
      ...(dice.chance(0.8) ? { value: dice.pick([...wildValues, { fz: "yes" }, "yes", "yes"]) } : {}),
      ...(dice.chance(0.3) ? { from: dice.pick(paths) } : {}),
    }));
    // An operation that multiplies what is there, again and again.
    if (dice.chance(0.02))
      return Array.from({ length: 60 }, () => ({ op: "copy", from: "/metadata", path: "/metadata/annotations/fz" }));
    return operations;
  }

  /** A patch says of itself that it may be anything: what it patches is known by its answer. */
  #componentName(): string {
    const answer = this.#operation.answers.get(200);
    return String(answer?.$ref ?? "").replace("#/components/schemas/", "");
  }
}
