import type { KubeObject, Stored } from "../../../../api/object.ts";
import { instances, processes, type Resource } from "../../../../api/scheme.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { nothingFound } from "../../text/messages.ts";
import { follow, type Selection } from "../../watching/follow.ts";
import { CopyFollower, lasting } from "./follow-copy.ts";
import { type Copy, copyFrom, leavingOf, mayGoOn, type View, viewOf } from "./follow-plan.ts";
import type { FollowScope } from "./follow-scope.ts";
import { LogPrinter } from "./log-printer.ts";
import { Outage } from "./outage.ts";

export interface FollowOptions {
  query: Readonly<Record<string, string>>;
  /** When each line begins with the name of its copy. */
  prefix: "always" | "several" | "never";
  /** How many copies may be followed at once. */
  most: number;
  ignoreErrors: boolean;
}

/** Follows the copies of a scope until nothing more can come of any: new ones join, those that are scaled away or deleted are read to their end. */
export async function followLogs(scope: FollowScope, options: FollowOptions, context: Context): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const following = new Following(scope, options, { ...context, signal }, () => ended.abort());
  const watch = async <T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    see: (objects: Stored<T>[]) => void,
  ): Promise<void> => {
    const { client } = await context.session.open();
    const watching = { signal, clock: context.clock };
    for await (const objects of follow(client, resource, selection, watching)) see([...objects.values()]);
  };
  try {
    await Promise.all([
      watch(instances, scope.instances, (all) => following.see({ instances: all })),
      watch(processes, scope.processes, (all) => following.see({ processes: all })),
    ]);
  } finally {
    ended.abort();
  }
  following.throwFailures();
}

class Following {
  readonly #scope: FollowScope;
  readonly #options: FollowOptions;
  readonly #context: Context;
  readonly #end: () => void;
  readonly #outage: Outage;
  #instances: readonly Stored<Instance>[] | undefined;
  #processes: readonly Stored<Process>[] | undefined;
  readonly #active = new Map<string, { copy: Copy; follower: CopyFollower }>();
  /** Of copies that have left: the Instance of which nothing more is wanted. */
  readonly #left = new Map<string, string | undefined>();
  readonly #refused = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #owners = new Set<string>();
  readonly #failures: unknown[] = [];
  #isFirstLook = true;

  constructor(scope: FollowScope, options: FollowOptions, context: Context, end: () => void) {
    this.#scope = scope;
    this.#options = options;
    this.#context = context;
    this.#end = end;
    this.#outage = new Outage(context);
    if (scope.goesOn && scope.owner !== undefined) this.#owners.add(scope.owner);
  }

  see(seen: { instances?: readonly Stored<Instance>[]; processes?: readonly Stored<Process>[] }): void {
    this.#instances = seen.instances ?? this.#instances;
    this.#processes = seen.processes ?? this.#processes;
    this.#look();
  }

  throwFailures(): void {
    throwCollected(this.#failures);
  }

  #look(): void {
    const view = this.#view();
    if (!view) return;
    const joining = [...view.instances].filter(([key, instance]) => this.#isNew(key, instance));
    if (this.#isFirstLook && joining.length > this.#options.most)
      this.#fail(tooMany(joining.length, this.#options.most));
    else for (const [, instance] of joining) this.#begin(instance);
    if (this.#isFirstLook && joining.length === 0) void line(this.#context.err, this.#nothingYet(view));
    this.#isFirstLook = false;
    for (const { copy, follower } of this.#active.values()) {
      const leaving = leavingOf(copy, view);
      if (leaving) follower.leave(leaving);
    }
    this.#lookForEnd(view);
  }

  /** Undefined: not everything was listed yet. */
  #view(): View | undefined {
    if (!this.#instances || !this.#processes) return undefined;
    return viewOf(this.#instances, this.#processes, this.#scope.owner);
  }

  #isNew(key: string, { metadata }: Stored<Instance>): boolean {
    return !this.#active.has(key) && this.#left.get(key) !== metadata.uid;
  }

  #begin(instance: Stored<Instance>): void {
    const copy = copyFrom(instance);
    const { most, query } = this.#options;
    if (this.#active.size >= most) {
      if (!this.#refused.has(copy.key))
        void line(this.#context.err, `${copy.name} is not followed: --max-log-requests=${most}`);
      this.#refused.add(copy.key);
      return;
    }
    const joins = !this.#isFirstLook;
    const follower = new CopyFollower(
      {
        copy,
        query: joins ? { ...lasting(query), present: "true" } : query,
        marksFirst: joins || query.allRuns !== undefined,
        printer: new LogPrinter(this.#context, () => this.#prefixOf(copy)),
        outage: this.#outage,
      },
      this.#context,
    );
    this.#active.set(copy.key, { copy, follower });
    this.#seen.add(copy.key);
    if (copy.process !== undefined && this.#scope.goesOn) this.#owners.add(copy.owner);
    void this.#follow(copy, follower);
  }

  async #follow(copy: Copy, follower: CopyFollower): Promise<void> {
    let isEnough = false;
    try {
      await follower.follow();
      isEnough = follower.leaving === undefined || follower.leaving === "finished";
    } catch (error) {
      isEnough = true;
      if (!this.#options.ignoreErrors) this.#fail(error);
      else await line(this.#context.err, `error: ${error instanceof Error ? error.message : String(error)}`);
    }
    const instance = this.#view()?.instances.get(copy.key);
    this.#left.set(copy.key, isEnough ? instance?.metadata.uid : undefined);
    this.#active.delete(copy.key);
    this.#look();
  }

  #prefixOf({ name }: Copy): string {
    const { prefix } = this.#options;
    return prefix === "always" || (prefix === "several" && this.#seen.size > 1) ? `[instance/${name}] ` : "";
  }

  #lookForEnd(view: View): void {
    if (this.#active.size > 0) return;
    const isLimited = this.#options.query.limitBytes !== undefined;
    if (isLimited || ![...this.#owners].some((owner) => mayGoOn(owner, view))) this.#end();
  }

  #nothingYet({ processes }: View): string {
    const { owner, instances: selected } = this.#scope;
    const process = processes.get(owner ?? "");
    if (!process) return nothingFound(selected.namespace);
    const ready = process.status?.conditions?.find(({ type }) => type === "Ready");
    return `process "${process.metadata.name}" has no instances${ready?.message ? `: ${ready.message}` : ""}; waiting for them`;
  }

  #fail(error: unknown): void {
    this.#failures.push(error);
    this.#end();
  }
}

const tooMany = (streams: number, most: number): Failure =>
  new Failure(
    `you are attempting to follow ${streams} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
  );
