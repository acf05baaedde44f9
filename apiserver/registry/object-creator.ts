import { randomUUID } from "node:crypto";
import { badRequest, conflict } from "../../api/errors.ts";
import { type Key, type KubeObject, type Stored, splitKey } from "../../api/object.ts";
import { type Admitted, admitObject } from "../admission/admit.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { warningsOf } from "../kinds/validation.ts";
import { assertWritableBack, withManagers, withOwners } from "./field-owners.ts";
import { underNewName } from "./generate-name.ts";
import { assertMayCreate } from "./may-create.ts";
import { assertMayWrite } from "./may-write.ts";
import { assertNamespaceOpen } from "./namespace-lifecycle.ts";
import { prepareCreate, readNew } from "./prepare.ts";
import { type Configuration, managersOfCreated } from "./prepare-apply.ts";
import { assertSameName } from "./same-object.ts";
import type { Written } from "./storage.ts";
import type { WriteEnvironment } from "./write-environment.ts";

/** The Object with who owns what of it. */
type Owned = (object: KubeObject) => KubeObject;

/** Makes new Objects of one kind. */
export class ObjectCreator {
  readonly #environment: WriteEnvironment;

  constructor(environment: WriteEnvironment) {
    this.#environment = environment;
  }

  async create(namespace: string | undefined, body: unknown, context: WriteContext): Promise<Written> {
    const { kind, now } = this.#environment;
    return await this.#create(namespace, body, context, (object) =>
      withOwners(kind, undefined, object, context, now()),
    );
  }

  /** What applying to nothing makes: more than a patch may. */
  async createApplied(key: Key, configuration: Configuration, context: WriteContext): Promise<Written> {
    const { kind, now } = this.#environment;
    const { namespace, name } = splitKey(key);
    const { config } = configuration;
    assertSameName({ name, ...(namespace === undefined ? {} : { namespace }) }, config.metadata);
    const { uid, resourceVersion: _, ...metadata } = config.metadata;
    if (typeof uid === "string" && uid !== "") {
      const why = `uid mismatch: the provided object specified uid ${uid.slice(0, 253)}, and no existing object was found`;
      throw conflict(kind.resource, name, why);
    }
    assertMayCreate(kind.resource, key, context);
    const managers = managersOfCreated(kind, configuration, context, now());
    return await this.#create(namespace, { ...config, metadata }, context, (object) => withManagers(object, managers));
  }

  async #create(namespace: string | undefined, body: unknown, context: WriteContext, owned: Owned): Promise<Written> {
    const { kind, store, writer, content, defaults } = this.#environment;
    writer.assertWritable();
    const { typed, namespace: home } = readNew(kind, namespace, body);
    if (home !== undefined) assertNamespaceOpen(store, kind.resource, home, String(typed.metadata.name ?? ""));
    const admitted = admitObject(kind, typed, context.fieldValidation, defaults());
    const { name, generateName: base = "", resourceVersion } = admitted.metadata;
    if (resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
    const createAs = (chosen: string): Promise<Stored> => this.#createAs(home, chosen, admitted, context, owned);
    const object = name || !base ? await createAs(name ?? "") : await underNewName(base, createAs);
    return { object, created: true, warnings: [...admitted.warnings, ...warningsOf(kind, object, content)] };
  }

  async #createAs(
    namespace: string | undefined,
    name: string,
    admitted: Admitted,
    context: WriteContext,
    owned: Owned,
  ): Promise<Stored> {
    const { kind, writer, now } = this.#environment;
    const stamp = { name, namespace, uid: randomUUID(), creationTimestamp: now() };
    const object = prepareCreate(kind, admitted, stamp);
    assertMayWrite(this.#environment, context, object);
    const next = owned(object);
    assertWritableBack(next, object);
    return await writer.create(next, context.dryRun);
  }
}
