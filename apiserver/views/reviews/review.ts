import { StatusError } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { apiVersionOf, type Resource } from "../../../api/scheme.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import type { Authority } from "../../admission/authority.ts";
import { assertWellFormed } from "../../admission/well-formed.ts";
import type { WriteContext } from "../../admission/write-context.ts";
import type { Storage, Written } from "../../registry/storage.ts";
import { readTypeMeta } from "../../registry/type-meta.ts";

export interface Question {
  /** The field `spec` of what was sent; empty when there was none. */
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
  readonly #answer: Answer;

  constructor(resource: Resource, answer: Answer) {
    this.resource = resource;
    this.#answer = answer;
  }

  async create(namespace: string | undefined, body: unknown, { authority }: WriteContext): Promise<Written> {
    if (!authority) throw new StatusError("InternalError", "a review is asked by somebody");
    assertWellFormed(body);
    const { spec: sent } = readTypeMeta({ resource: this.resource, impliesTypeMeta: true }, body);
    const asked = isObject(sent) ? sent : {};
    const { status, spec = asked } = this.#answer({ spec: asked, namespace, authority });
    const object = {
      apiVersion: apiVersionOf(this.resource),
      kind: this.resource.kind,
      metadata: { creationTimestamp: null, ...(namespace === undefined ? {} : { namespace }) },
      ...(sent === undefined ? {} : { spec }),
      status,
    };
    return { object: object as unknown as Stored, created: true, warnings: [] };
  }
}
