/** The two bodies of `Client` over our server, held to one contract. */
import { describe } from "node:test";
import { HttpClient } from "../../api/http/http-client.ts";
import { configMaps } from "../../api/scheme.ts";
import { AuditedClient } from "../../apiserver/audit/audited-client.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { clientContract, map } from "../api/client-contract.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { adminClient } from "./local-clients.ts";
import { type ServedSubject, servedClientContract } from "./served-client-contract.ts";
import { TestServer } from "./test-server.ts";

/** As many changes are remembered. */
const HISTORY = 32;

async function openRegistry() {
  const clock = new FakeClock(new Date());
  const history = { count: HISTORY, ageMs: 0 };
  const store = await MemoryStore.open({ clock, logger: silentLogger, history });
  const registry = new StoreRegistry({ store, clock, logger: silentLogger });
  await registry.bootstrap();
  const forget = async (): Promise<void> => {
    const local = adminClient(registry);
    await local.create(configMaps, map("zz-much-happens"));
    for (let n = 0; n < 2 * HISTORY; n++) {
      await local.patch(configMaps, "default/zz-much-happens", { type: "merge", body: { data: { n: String(n) } } });
    }
    await local.delete(configMaps, "default/zz-much-happens");
  };
  return { clock, store, registry, forget };
}

async function local(): Promise<ServedSubject> {
  const { clock, store, registry, forget } = await openRegistry();
  // As parts of the daemon have it.
  const client = new AuditedClient(adminClient(registry), () => {});
  return { client, clock, forget, close: () => store.close() };
}

async function overHttp(): Promise<ServedSubject> {
  const { clock, store, registry, forget } = await openRegistry();
  const server = await TestServer.start({ registry, clock });
  const { ca, admin } = server.certificates;
  const client = new HttpClient({ server: server.url, ca, cert: admin.cert, key: admin.key });
  const close = async (): Promise<void> => {
    client.close();
    await server.stop();
    await store.close();
  };
  return { client, clock, forget, close };
}

for (const [name, open] of [
  ["LocalClient", local],
  ["HttpClient", overHttp],
] as const) {
  describe(name, () => {
    clientContract(open);
    servedClientContract(open);
  });
}
