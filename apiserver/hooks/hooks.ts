import { randomBytes } from "node:crypto";
import { badRequest, methodNotAllowed, noSuchResource, StatusError } from "../../api/errors.ts";
import { makeKey } from "../../api/object.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { AuditedRequest } from "../audit/audit-event.ts";
import type { Auditor } from "../audit/auditor.ts";
import { hookIdentity } from "../authentication/identity.ts";
import type { Exchange } from "../http/exchange.ts";
import { peerOf } from "../http/peer.ts";
import { readBody } from "../http/read-body.ts";
import { HookLimits } from "./hook-limits.ts";
import type { HookSecret, HookTarget } from "./hook-target.ts";
import { isSigned } from "./is-signed.ts";

const MOST_BYTES = 1024 * 1024;
/** In which a body must come. */
const BODY_MS = 10_000;
/** After its body, every refusal comes so late: how long it took to find a source, or none, and to judge, is not seen. */
const REFUSED_AFTER_MS = 100;

interface Parts {
  target: HookTarget;
  auditor: Pick<Auditor, "begin" | "stranger">;
  clock: Clock;
  logger: Logger;
}

/**
 * `POST /hooks/NAMESPACE/NAME`: somebody pushed to the repository of a source. It needs no credential of ours, but the signature of who shares the token of that
 * source. The body is never understood, only checked, and all that follows is a look at the repository: what was sent before may be sent again.
 */
export class Hooks {
  readonly #parts: Parts;
  readonly #limits: HookLimits;
  /** Of sources that are not there: nobody knows its token. */
  readonly #nobodys: HookSecret = { type: "Generic", token: randomBytes(32).toString("hex") };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#limits = new HookLimits(parts.clock);
  }

  /** `path`: decoded. Rejects with the same NotFound for what is not there and for what is not rightly signed. */
  async serve(exchange: Exchange, path: string, audited: AuditedRequest): Promise<void> {
    const { request, response } = exchange;
    if (request.method !== "POST") {
      response.setHeader("Allow", "POST");
      throw methodNotAllowed();
    }
    const source = sourceOf(path);
    if (!source) throw noSuchResource();
    const key = makeKey(source.namespace, source.name);
    const leave = this.#limits.enter(peerOf(audited.address ?? ""), key);
    try {
      const body = await this.#bodyOf(exchange);
      if (!(await this.#isSigned(exchange, source, body))) return await this.#refuse(audited);
      this.#limits.accept(key);
      await this.#trigger(source, audited);
    } finally {
      leave();
    }
    await exchange.json(202, `${JSON.stringify(accepted)}\n`);
  }

  async #isSigned({ request }: Exchange, source: Source, body: Uint8Array): Promise<boolean> {
    const { clock } = this.#parts;
    const late = clock.now() + REFUSED_AFTER_MS;
    const known = await this.#secretOf(source);
    // In this order: the work is done for nobody too.
    if (isSigned(known ?? this.#nobodys, request.headers, body) && known) return true;
    await sleep(clock, Math.max(0, late - clock.now()));
    return false;
  }

  /** That it can't be read is for the daemon's log, and nobody else. */
  async #secretOf({ namespace, name }: Source): Promise<HookSecret | undefined> {
    const { target, logger } = this.#parts;
    try {
      return await target.secretOf(namespace, name);
    } catch (error) {
      logger.error("the token of a webhook can't be read", { namespace, name, error: (error as Error).message });
      return undefined;
    }
  }

  async #refuse(audited: AuditedRequest): Promise<never> {
    await this.#parts.auditor.stranger(audited, "webhook", 404);
    throw noSuchResource();
  }

  async #trigger({ namespace, name }: Source, audited: AuditedRequest): Promise<void> {
    const { auditor, target } = this.#parts;
    const change = await auditor.begin({ ...audited, user: hookIdentity });
    target.trigger(namespace, name);
    await change.ended(202);
  }

  async #bodyOf(exchange: Exchange): Promise<Uint8Array> {
    const never = Promise.withResolvers<never>();
    const timer = this.#parts.clock.after(BODY_MS, () => never.reject(tooSlow()));
    void exchange.over.then(() => never.reject(badRequest("the request ended too early")));
    try {
      return await Promise.race([readBody(exchange.request, MOST_BYTES), never.promise]);
    } finally {
      timer.cancel();
    }
  }
}

interface Source {
  namespace: string;
  name: string;
}

const PREFIX = "/hooks/";

/** Everything below is for hooks alone. */
export const isHook = (path: string): boolean => path.startsWith(PREFIX);

function sourceOf(path: string): Source | undefined {
  const [first = "", second, ...more] = path.slice(PREFIX.length).split("/");
  if (first === "" || more.length > 0) return undefined;
  return second === undefined ? { namespace: "default", name: first } : { namespace: first, name: second };
}

const tooSlow = (): StatusError => new StatusError("BadRequest", "the body did not come in time", { code: 408 });

const accepted = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 202 };
