import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { HttpClient } from "../../api/http/http-client.ts";
import { resourceNamed } from "../../api/scheme.ts";
import type { Kubectl } from "../../scripts/kubectl/debian.ts";
import { type DaemonUnderTest, eventually, type Ran } from "../e2e/daemon-under-test.ts";
import { Program } from "./program.ts";
import { gone, type Row, renewed } from "./row.ts";

// biome-ignore lint/suspicious/noExplicitAny: any field is looked at
type Stored = any;

/** Of what was printed, in a failure: characters. */
const TOLD = 2000;

/** One kubectl at a daemon: with a home, a kubeconfig and a namespace of its own. What it did is looked up by another client. */
export class Bench {
  readonly #daemon: DaemonUnderTest;
  readonly #client: HttpClient;
  readonly #namespace: string;
  readonly #program: Program;

  private constructor(daemon: DaemonUnderTest, client: HttpClient, namespace: string, program: Program) {
    this.#daemon = daemon;
    this.#client = client;
    this.#namespace = namespace;
    this.#program = program;
  }

  static async open(daemon: DaemonUnderTest, { path, release }: Kubectl): Promise<Bench> {
    const home = join(daemon.dir, release);
    mkdirSync(home);
    const kubeconfig = join(home, "kubeconfig");
    copyFileSync(daemon.kubeconfig, kubeconfig);
    await daemon.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${release}}\n`);
    // Collecting garbage is a third of what such a short program computes.
    const env = { HOME: home, PATH: process.env.PATH, KUBECONFIG: kubeconfig, GOGC: "off", TMPDIR: home };
    return new Bench(daemon, await daemon.client(), release, new Program(path, home, env));
  }

  close(): void {
    this.#client.close();
  }

  /** What it calls its commands, as its help lists them. */
  async commands(): Promise<string[]> {
    const { stdout } = await this.#program.start(["--help"], "", {}).ended;
    return Array.from(stdout.matchAll(/^ {2}([a-z][a-z-]*) {2,}\S/gm), ([, name]) => name!);
  }

  async given(manifests: string): Promise<void> {
    await this.#daemon.apply(this.#fill(manifests), "-n", this.#namespace);
  }

  /** Runs it, and fails where it does not do what the row says. */
  async check(row: Row): Promise<void> {
    const { leaves = {}, keeps = [] } = row;
    const before = new Map<string, Stored>();
    for (const ref of [...Object.keys(leaves), ...keeps]) before.set(ref, await this.#stored(ref));
    provesSomething(row, before);
    const ran = await this.#run(row);
    const told = `\nstdout: ${ran.stdout}\nstderr: ${ran.stderr}`.slice(0, TOLD);
    if (row.watching === undefined) assert.equal(ran.code, row.code ?? 0, `the exit code${told}`);
    assert.match(ran.stdout, this.#pattern(row.out), `stdout${told}`);
    assert.match(ran.stderr, this.#pattern(row.err), `stderr${told}`);
    for (const [ref, wanted] of Object.entries(leaves))
      await eventually(`${ref} to be as the row says`, async () => {
        const after = await this.#stored(ref);
        if (isAs(after, wanted, before.get(ref))) return true;
        throw new Error(JSON.stringify(after));
      });
    for (const ref of keeps)
      assert.deepEqual(...asWanted(await this.#stored(ref), before.get(ref)), `${ref} stays as it was`);
  }

  async #run({ run, stdin = "", editor, watching, out }: Row): Promise<Ran> {
    const args = this.#fill(run).split(" ");
    const running = this.#program.start(args, this.#fill(stdin), editor === undefined ? {} : { KUBE_EDITOR: editor });
    if (watching === undefined) return running.ended;
    await eventually(`${run} to print`, () => running.stdout !== "");
    if (watching.change !== undefined) {
      const [resource, key] = this.#keyOf(watching.change);
      await this.#client.patch(resource, key, { type: "merge", body: watching.to });
    }
    await eventually(`${run} to print ${out}`, () => this.#pattern(out).test(running.stdout));
    return running.interrupt();
  }

  /** `kind/name`; undefined when there is none. */
  #stored(ref: string): Promise<Stored> {
    return this.#client.get(...this.#keyOf(ref)).catch((error) => {
      if (error.reason === "NotFound") return undefined;
      throw error;
    });
  }

  #keyOf(ref: string) {
    const [kind = "", name = ""] = this.#fill(ref).split("/");
    const resource = resourceNamed(kind);
    if (!resource) throw new Error(`there is no kind ${kind}`);
    return [resource, resource.namespaced ? `${this.#namespace}/${name}` : name] as const;
  }

  #fill(text: string): string {
    return text.replaceAll("NS", this.#namespace);
  }

  #pattern({ source, flags } = /^$/): RegExp {
    return new RegExp(this.#fill(source), flags);
  }
}

function provesSomething({ leaves = {}, keeps = [], out, err }: Row, before: ReadonlyMap<string, Stored>): void {
  assert.ok(out ?? err, "the row says what is printed");
  for (const ref of keeps) assert.ok(before.get(ref), `${ref} is there before`);
  for (const [ref, wanted] of Object.entries(leaves)) {
    if (wanted === gone || wanted === renewed) assert.ok(before.get(ref), `${ref} is there before`);
    else assert.ok(!isAs(before.get(ref), wanted), `${ref} is so before, and the row would prove nothing`);
  }
}

/** Without what a controller writes meanwhile, when one does. */
function asWanted(after: Stored, before: Stored): [Stored, Stored] {
  if (after.status === undefined) return [after, before];
  const wanted = ({ metadata: { resourceVersion, managedFields = [], ...metadata }, status, ...rest }: Stored) => ({
    ...rest,
    metadata,
    managers: managedFields.filter(({ subresource }: Stored) => subresource !== "status"),
  });
  return [wanted(after), wanted(before)];
}

/** Whether everything in `wanted` is in it, and equal; lists as a whole. */
function isAs(stored: Stored, wanted: unknown, before?: Stored): boolean {
  if (wanted === gone) return stored === undefined;
  if (wanted === renewed) return stored !== undefined && stored.metadata.uid !== before.metadata.uid;
  // In which order its fields come is a matter of who wrote it, and how.
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return isDeepStrictEqual(stored, wanted);
  if (typeof stored !== "object" || stored === null) return false;
  return Object.entries(wanted).every(([name, value]) => isAs(stored[name], value));
}
