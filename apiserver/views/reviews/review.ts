import { badRequest, StatusError } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { apiVersionOf, type Resource } from "../../../api/scheme.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import type { Authority } from "../../admission/authority.ts";
import { strictDecodingError } from "../../admission/faults.ts";
import { prune, type UnknownField } from "../../admission/prune.ts";
import type { Schema } from "../../admission/schema.ts";
import { judgeUnknownFields } from "../../admission/unknown-fields.ts";
import { validateSchema } from "../../admission/validate.ts";
import { assertWellFormed } from "../../admission/well-formed.ts";
import type { WriteContext } from "../../admission/write-context.ts";
import type { Storage, Written } from "../../registry/storage.ts";
import { readTypeMeta } from "../../registry/type-meta.ts";

export interface Question {
  /** The field `spec` of what was sent, as its schema has it; empty when there was none. */
  spec: JsonObject;
  /** Of the URL. */
  namespace: string | undefined;
  /** Who asks, and what he may. */
  authority: Authority;
}

/** Throws Invalid or BadRequest. `spec` comes back as it was asked, unless the answer has another. */
type Answer = (question: Question) => { status: object; spec?: object };

/** A question as a resource: a create answers it, and nothing is kept. */
export class ReviewStorage implements Storage {
  readonly resource: Resource;
  readonly isQuestion = true;
  readonly #spec: Schema;
  readonly #answer: Answer;

  constructor(resource: Resource, spec: Schema, answer: Answer) {
    this.resource = resource;
    this.#spec = spec;
    this.#answer = answer;
  }

  async create(namespace: string | undefined, body: unknown, context: WriteContext): Promise<Written> {
    const { authority } = context;
    if (!authority) throw new StatusError("InternalError", "a review is asked by somebody");
    assertWellFormed(body);
    const { spec: sent } = readTypeMeta({ resource: this.resource, impliesTypeMeta: true }, body);
    const { asked, warnings } = this.#read(sent ?? {}, context);
    const { status, spec = asked } = this.#answer({ spec: asked, namespace, authority });
    const object = {
      apiVersion: apiVersionOf(this.resource),
      kind: this.resource.kind,
      metadata: { creationTimestamp: null, ...(namespace === undefined ? {} : { namespace }) },
      ...(sent === undefined ? {} : { spec }),
      status,
    };
    return { object: object as unknown as Stored, created: true, warnings };
  }

  /** Of another type is no such question at all, as for the real server, whose types can't hold it. */
  #read(sent: unknown, { fieldValidation }: WriteContext): { asked: JsonObject; warnings: string[] } {
    const unknown: UnknownField[] = [];
    const asked = prune(sent, this.#spec, "spec", unknown);
    const [fault] = validateSchema(asked, this.#spec, "spec");
    const { kind, version } = this.resource;
    if (!isObject(asked) || fault)
      throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${fault?.message}`);
    const { warnings, refused } = judgeUnknownFields(unknown, fieldValidation);
    if (refused.length > 0) throw strictDecodingError(this.resource, refused);
    return { asked, warnings };
  }
}
