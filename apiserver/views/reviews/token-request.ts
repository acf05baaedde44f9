import { badRequest, invalid, StatusError } from "../../../api/errors.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { type Resource, serviceAccounts } from "../../../api/scheme.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { assertWellFormed } from "../../admission/well-formed.ts";
import type { WriteContext } from "../../admission/write-context.ts";
import { ISSUER, type ServiceAccountTokens } from "../../authentication/service-account-tokens.ts";
import type { KindStorage } from "../../registry/kind-storage.ts";
import type { Storage, Written } from "../../registry/storage.ts";
import type { StoreRegistry } from "../../registry/store-registry.ts";
import { readTypeMeta } from "../../registry/type-meta.ts";
import { type FieldError, invalidValue } from "../../validation/field-error.ts";
import { boundObjectRefIn, boundTo } from "./bound-object.ts";

const DEFAULT_SECONDS = 3_600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;
const MOST_AUDIENCES = 100;

/** The subresource `token` of ServiceAccounts: a create answers a token for it (`kubectl create token`). It is kept nowhere. */
export class TokenRequestStorage implements Storage {
  readonly resource: Resource;
  readonly objectKind = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };
  readonly #registry: StoreRegistry;
  readonly #accounts: KindStorage;
  readonly #tokens: ServiceAccountTokens;

  constructor(registry: StoreRegistry, tokens: ServiceAccountTokens) {
    this.#registry = registry;
    this.#accounts = registry.stored(serviceAccounts);
    this.resource = this.#accounts.resource;
    this.#tokens = tokens;
  }

  async create(namespace = "", body: unknown, { name = "", dryRun = false }: WriteContext): Promise<Written> {
    assertWellFormed(body);
    const kind = { ...this.resource, ...this.objectKind };
    const { spec: sent } = readTypeMeta({ resource: kind, impliesTypeMeta: true }, body);
    const spec = isObject(sent) ? sent : {};
    const { metadata } = this.#accounts.get(makeKey(namespace, name));
    const { audiences, seconds } = wantedIn(spec, kind, name);
    const ref = boundObjectRefIn(spec.boundObjectRef);
    const bound = ref && (await boundTo(this.#registry, namespace, ref));
    const subject = { namespace, name, uid: metadata.uid, bound };
    const { token, expires } = this.#issue(subject, audiences, seconds);
    const object = {
      apiVersion: "authentication.k8s.io/v1",
      kind: this.objectKind.kind,
      metadata: { name, namespace, creationTimestamp: null },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: ref ?? null },
      status: { token: dryRun ? "" : token, expirationTimestamp: expires.toISOString().replace(/\.\d+Z$/, "Z") },
    };
    return { object: object as unknown as Stored, created: true, warnings: [] };
  }

  #issue(...wanted: Parameters<ServiceAccountTokens["issue"]>): ReturnType<ServiceAccountTokens["issue"]> {
    try {
      return this.#tokens.issue(...wanted);
    } catch (error) {
      throw new StatusError("ServiceUnavailable", "there is no key to sign tokens with; the daemon's log says why", {
        cause: error,
      });
    }
  }
}

/** Throws BadRequest, or Invalid in Kubernetes' words. */
function wantedIn(spec: JsonObject, resource: Resource, name: string): { audiences: string[]; seconds: number } {
  const { audiences, expirationSeconds } = spec;
  const seconds = expirationSeconds ?? DEFAULT_SECONDS;
  if (typeof seconds !== "number" || !Number.isInteger(seconds))
    throw badRequest("spec.expirationSeconds must be an integer");
  const named = audiences ?? [];
  if (!Array.isArray(named) || !named.every((one) => typeof one === "string") || named.length > MOST_AUDIENCES)
    throw badRequest("spec.audiences must be a short list of strings");
  const causes: FieldError[] = [];
  const field = "spec.expirationSeconds";
  if (seconds < LEAST_SECONDS)
    causes.push(invalidValue(field, seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > MOST_SECONDS)
    causes.push(invalidValue(field, seconds, "may not specify a duration larger than 2^32 seconds"));
  if (causes.length > 0) throw invalid(resource, name, causes);
  return { audiences: named.length > 0 ? named : [ISSUER], seconds };
}
