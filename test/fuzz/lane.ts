import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { endOfWaits } from "../eventually.ts";
import { asCurl } from "./as-curl.ts";
import { type Answer, type Asker, Unsendable } from "./ask.ts";
import { Dice } from "./dice.ts";
import { judged, type StatusSchema } from "./judge.ts";
import { LeftOpen } from "./left-open.ts";
import { Made, type SeenObject } from "./made.ts";
import type { Operation } from "./published.ts";
import { type Drawn, type Ground, isObjectPath, RequestMaker } from "./requests.ts";

export interface LaneOptions {
  name: string;
  asker: Asker;
  ground: Ground;
  operations: readonly Operation[];
  status: StatusSchema;
  /** Of the whole run, and which lane this is. */
  seeds: readonly [number, number];
}

/** Streams that are left open before the first of them is let go of. */
const MOST_OPEN = 12;
const MOST_FAULTS = 40;

/** One who asks one thing after the other; several lanes run beside each other. */
export class Lane {
  readonly faults: string[] = [];
  readonly codes = new Map<string, number>();
  readonly #options: LaneOptions;
  readonly #made = new Made();
  readonly #maker: RequestMaker;
  readonly #open: LeftOpen[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#maker = new RequestMaker(options.operations, options.ground, this.#made);
  }

  async run(from: number, to: number): Promise<void> {
    for (let n = from; n < to && this.faults.length < MOST_FAULTS; n++) {
      const dice = new Dice(...this.#options.seeds, n);
      await this.#one(this.#maker.draw(dice), n, dice);
    }
  }

  /** Lets go of what it has left open. */
  close(): void {
    for (const left of this.#open.splice(0)) this.#endOf(left);
    this.#options.asker.close();
  }

  async #one(drawn: Drawn, n: number, dice: Dice): Promise<void> {
    const told = (): string => this.#told(drawn, n);
    const stuck = (): unknown => console.error(`no answer yet: ${told()}`);
    endOfWaits().addEventListener("abort", stuck);
    try {
      const before = await this.#before(drawn, dice);
      if (drawn.isStream) return await this.#stream(drawn, n);
      const answer = await this.#options.asker.ask(drawn.ask);
      this.#count(drawn, answer.code);
      this.#fault(judged(drawn, answer, this.#options.status), told);
      const said = objectIn(answer);
      this.#remember(drawn, said, answer.code);
      this.#fault(await this.#after(drawn, answer, said, before, dice), told);
    } catch (error) {
      if (error instanceof Unsendable) return this.#count(drawn, 0);
      this.#fault([`cut off: ${error}`], told);
    } finally {
      endOfWaits().removeEventListener("abort", stuck);
    }
  }

  #told(drawn: Drawn, n: number): string {
    const { name, seeds, asker } = this.#options;
    return `\n  seed ${seeds[0]}, ${name}, request ${n}:\n  ${asCurl(drawn.ask, asker.protocol, name)}`;
  }

  #count({ ask }: Drawn, code: number): void {
    const key = `${ask.method} ${code || "unsendable"}`;
    this.codes.set(key, (this.codes.get(key) ?? 0) + 1);
  }

  #fault(faults: readonly string[], told: () => string): void {
    if (faults.length > 0) this.faults.push(`${faults.slice(0, 5).join("\n")}${told()}`);
  }

  /** What there is before something that must not change it. */
  async #before(drawn: Drawn, dice: Dice): Promise<SeenObject | undefined> {
    const { operation, isDry, path } = drawn;
    if (!operation || !isDry || !isObjectPath(operation) || !this.#options.ground.isAdmin || !dice.chance(0.3))
      return undefined;
    return objectIn(await this.#get(path));
  }

  /** What was made can be read, what was only tried has changed nothing, what is written back as it was does not count as a change. */
  async #after(
    drawn: Drawn,
    { code }: Answer,
    said: SeenObject | undefined,
    before: SeenObject | undefined,
    dice: Dice,
  ): Promise<string[]> {
    const { operation, path, isDry } = drawn;
    if (code >= 300 || !operation || !said || !this.#options.ground.isAdmin) return [];
    const { ownerReferences, deletionTimestamp, uid, namespace, name } = said.metadata;
    if (before && isDry) {
      const now = objectIn(await this.#get(path));
      const isSame = now?.metadata.resourceVersion === before.metadata.resourceVersion;
      return isSame || isOthers(operation) ? [] : ["a dry run has changed something"];
    }
    const isMade =
      operation.action === "post" &&
      code === 201 &&
      !isDry &&
      uid !== undefined &&
      !ownerReferences &&
      !deletionTimestamp;
    if (!isMade || isOthers(operation) || path.endsWith("/token") || !dice.chance(0.25)) return [];
    const read = await this.#get(`${path}/${encodeURIComponent(name)}`);
    const found = objectIn(read);
    if (found?.metadata.uid !== uid) return [`what was made is read with ${read.code}: ${namespace}/${name}`];
    const back = await this.#options.asker.ask({
      method: "PUT",
      path: `${path}/${encodeURIComponent(name)}`,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(found)),
    });
    const same = objectIn(back)?.metadata.resourceVersion;
    if (back.code === 409 || same === found.metadata.resourceVersion) return [];
    return [`written back as it was read: ${back.code} ${back.bytes.toString("utf8").slice(0, 400)}`];
  }

  #get(path: string): Promise<Answer> {
    return this.#options.asker.ask({ method: "GET", path, headers: {}, body: undefined });
  }

  #remember({ path, operation }: Drawn, said: SeenObject | undefined, code: number): void {
    if (!operation || code >= 300) return;
    if (operation.method === "DELETE" && isObjectPath(operation)) this.#made.forget(path);
    if (!said) return;
    const { metadata, items } = said as JsonObject;
    const token = (metadata as JsonObject | undefined)?.continue;
    if (typeof token === "string") this.#made.sawToken(token);
    const some = Array.isArray(items) ? items.slice(0, 20) : [];
    for (const item of some)
      this.#saw(operation, path, { ...item, apiVersion: said.apiVersion, kind: operation.kind.kind });
    if (said.kind === operation.kind.kind && !operation.path.includes("{name}/")) this.#saw(operation, path, said);
  }

  /** Only what this lane may write to. */
  #saw(operation: Operation, path: string, object: SeenObject): void {
    const { name, namespace } = object.metadata ?? {};
    if (typeof name !== "string" || this.#isOthers(name, namespace)) return;
    if (isObjectPath(operation)) return void this.#made.saw(path, object);
    const place =
      namespace === undefined || operation.path.includes("{namespace}")
        ? path
        : path.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`);
    this.#made.saw(`${place}/${encodeURIComponent(name)}`, object);
  }

  #isOthers(name: string, namespace: string | undefined): boolean {
    return namespace === undefined ? !name.startsWith("fz-") : !this.#options.ground.namespaces.includes(namespace);
  }

  async #stream(drawn: Drawn, n: number): Promise<void> {
    const response = await this.#options.asker.open(drawn.ask);
    const code = response.statusCode ?? 0;
    this.#count(drawn, code);
    if (code !== 200) {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const answer = { code, headers: response.headers, bytes: Buffer.concat(chunks) };
      return this.#fault(judged(drawn, answer, this.#options.status), () => this.#told(drawn, n));
    }
    this.#open.push(new LeftOpen(response, drawn, n));
    if (this.#open.length > MOST_OPEN) this.#endOf(this.#open.shift() as LeftOpen);
  }

  #endOf(left: LeftOpen): void {
    left.response.destroy();
    this.#fault(left.faults(), () => this.#told(left.drawn, left.n));
  }
}

/** Other lanes and the controllers write to these too. */
const isOthers = ({ path }: Operation): boolean =>
  !path.includes("{namespace}") || /\/(instances|processes|controllerrevisions)\b/.test(path);

function objectIn({ bytes, headers }: Answer): SeenObject | undefined {
  if (headers["content-type"] !== "application/json") return undefined;
  try {
    const said: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(said) && isObject(said.metadata) ? (said as SeenObject) : undefined;
  } catch {
    return undefined;
  }
}
