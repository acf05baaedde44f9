import type { Client } from "../../../api/client.ts";
import { parseGitUrl } from "../../../api/git/git-url.ts";
import { parseRevision } from "../../../api/git/revision.ts";
import { keyOf, makeKey, type Stored } from "../../../api/object.ts";
import { secrets, wellKnown } from "../../../api/scheme.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import { SourceUnreadable } from "../../source/reader.ts";
import { credentialsOf } from "../credentials.ts";
import { HEALTH_CHECK_FAILED } from "../health/health-check.ts";
import type { Verdict } from "../health/verdict.ts";
import type { Outcome } from "../status.ts";
import { type PostOutcome, postCommitStatus } from "./post-commit-status.ts";
import type { CommitState, CommitStatus } from "./status-request.ts";

export interface ReporterOptions {
  /** Reads the token. */
  client: Client;
  nodeName: string;
  recorder: EventRecorder;
  post?: typeof postCommitStatus;
}

const LONGEST_MS = 10_000;

/** Tells the host of the repository what became of a revision: each thing once, and again what it did not take. Nothing waits for the answer but the next look. */
export class CommitStatusReporter {
  readonly #options: ReporterOptions;
  #told: string | undefined;
  /** What is refused for good, until somebody changes the spec or the Secret. */
  #refused: string | undefined;
  #problem: string | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  async tell(
    source: Stored<GitSource>,
    { condition, revision, isStandIn, health }: Outcome,
    signal: AbortSignal,
  ): Promise<void> {
    const { commitStatus } = source.spec;
    const commit = parseRevision(revision ?? "")?.commit;
    const repository = parseGitUrl(source.spec.url);
    if (!commitStatus || commit === undefined || isStandIn || typeof repository === "string") return;
    const { state, description, kind = description } = saidOf(condition, health);
    const what = JSON.stringify([commit, state, kind, commitStatus, source.spec.url]);
    if (what === this.#told) return;
    const { namespace = "default" } = source.metadata;
    const { token, ca, version } = await this.#credentials(namespace, commitStatus.secretRef.name);
    const attempt = `${what} ${version}`;
    if (attempt === this.#refused) return;
    const proxy = await this.#proxyOf(source);
    const outcome: PostOutcome = token
      ? await this.#post(
          {
            type: commitStatus.type,
            ...(commitStatus.url === undefined ? {} : { apiUrl: commitStatus.url }),
            repository,
            token,
            ...(ca === undefined ? {} : { ca }),
            ...(proxy === undefined ? {} : { proxy }),
            commit,
            state,
            description,
            context: `wctl/${this.#options.nodeName}/${keyOf(source)}`,
          },
          signal,
        )
      : { posted: false, problem: "the Secret of spec.commitStatus has no key token", worthRetrying: true };
    if (outcome.posted) this.#told = what;
    else if (!outcome.worthRetrying) this.#refused = attempt;
    const problem = outcome.posted ? undefined : outcome.problem;
    if (problem !== undefined && problem !== this.#problem)
      this.#options.recorder.event(source, "Warning", "CommitStatusFailed", problem, {
        [wellKnown.sourceRevisionAnnotation]: revision ?? "",
      });
    this.#problem = problem;
  }

  async #post(status: CommitStatus, signal: AbortSignal): Promise<PostOutcome> {
    const { post = postCommitStatus } = this.#options;
    try {
      return await post(status, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]));
    } catch {
      signal.throwIfAborted();
      const problem = `the commit status was not taken within ${LONGEST_MS / 1000} s`;
      return { posted: false, problem, worthRetrying: true };
    }
  }

  /** The one through which the repository is reached. */
  async #proxyOf({ metadata: { namespace = "default" }, spec }: Stored<GitSource>): Promise<string | undefined> {
    try {
      return (await credentialsOf(this.#options.client, namespace, spec.secretRef?.name)).proxy;
    } catch (error) {
      if (error instanceof SourceUnreadable) return undefined;
      throw error;
    }
  }

  /** Nothing when the Secret is not there, or has no such key. */
  async #credentials(namespace: string, name: string): Promise<{ token?: string; ca?: string; version: string }> {
    const secret = await this.#options.client.get(secrets, makeKey(namespace, name)).catch(() => undefined);
    const text = (key: string): string =>
      Buffer.from(secret?.data?.[key] ?? "", "base64")
        .toString("utf8")
        .trim();
    const version = secret?.metadata.resourceVersion ?? "";
    return { version, ...(text("token") && { token: text("token") }), ...(text("ca.crt") && { ca: text("ca.crt") }) };
  }
}

interface Said {
  state: CommitState;
  description: string;
  /** What is the same with this is not told again, whatever its description. */
  kind?: string;
}

/** Of the health of programs only their names are told to another host, and each state once: a program may fail every minute. */
function saidOf({ status, message }: Outcome["condition"], health: Verdict | undefined): Said {
  const [first = ""] = message.split("\n");
  if (status !== "True") return { state: "failure", description: first };
  switch (health?.state) {
    case "Failed":
      return { state: "failure", description: `applied, and not healthy: ${health.names}`, kind: HEALTH_CHECK_FAILED };
    case "Progressing":
      return { state: "pending", description: "applied, and not healthy yet" };
    case "Healthy":
      return { state: "success", description: "applied, and healthy" };
    default:
      return { state: "success", description: "applied" };
  }
}
