import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client, ListOptions } from "../../../../api/client.ts";
import { configMaps, instances, type Resource, secrets } from "../../../../api/scheme.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { nodeIdentity } from "../../../../apiserver/authentication/identity.ts";
import type { LocalClient } from "../../../../apiserver/local-client.ts";
import { AgentWorld } from "../agent-world.ts";

const fromSecret = (name: string): Partial<Instance["spec"]> => ({ envFrom: [{ secretRef: { name } }] });

/** What the agent asks of Secrets and ConfigMaps, as `verb plural selector`. */
async function watchedWorld(): Promise<{ world: AgentWorld; asked: string[] }> {
  const world = await AgentWorld.make();
  const asked: string[] = [];
  await world.loseAgent();
  const { clientOf } = world;
  world.clientOf = (user) => {
    if (user.name !== nodeIdentity(world.node).name) return clientOf(user);
    return new Proxy(clientOf(user), {
      get(client: Client, verb: keyof Client) {
        return (...given: [resource: Resource, options: ListOptions | string]) => {
          const [{ plural }, options] = given;
          const what = typeof options === "string" ? options : `${options?.namespace} ${options?.fieldSelector}`;
          if ([secrets.plural, configMaps.plural].includes(plural)) asked.push(`${verb} ${plural} ${what}`);
          return (client[verb] as (...all: unknown[]) => unknown)(...given);
        };
      },
    }) as LocalClient;
  };
  return { world, asked };
}

describe("the Secrets and ConfigMaps of the agent", () => {
  it("are those that its Instances name: each is listed and watched once, by its name, and by nobody else's", async () => {
    const { world, asked } = await watchedWorld();
    const keep = (name: string): Promise<unknown> =>
      world.client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "default" } });
    await keep("db");
    await keep("other");
    await world.startAgent();
    assert.deepEqual(asked, []);
    for (let n = 0; n < 20; n++) await world.create(`web-${n}`, { ...fromSecret("db"), index: n });
    await world.create("cron-0", { envFrom: [{ configMapRef: { name: "env", optional: true } }] });
    assert.deepEqual(asked, [
      "list secrets default metadata.name=db",
      "watch secrets default metadata.name=db",
      "list configmaps default metadata.name=env",
      "watch configmaps default metadata.name=env",
    ]);
    assert.equal(world.agent.remembered().references, 2);
    for (let n = 0; n < 20; n++) await world.delete(`web-${n}`);
    await world.pass(60_000);
    assert.deepEqual(
      (await world.client.list(instances)).items.map(({ metadata }) => metadata.name),
      ["cron-0"],
    );
    assert.equal(world.agent.remembered().references, 1);
  });

  it("may come later than the Instance that names them, and it starts then", async () => {
    const world = await AgentWorld.make();
    await world.create("web-0", fromSecret("late"));
    assert.match((await world.status("web-0")).state?.waiting?.message ?? "", /secret "late" not found/);
    await world.client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "late", namespace: "default" },
      data: { TOKEN: Buffer.from("hunter22").toString("base64") },
    });
    await world.settle();
    assert.equal((await world.process("web-0")).spec.env.TOKEN, "hunter22");
  });
});
