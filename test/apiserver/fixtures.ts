import assert from "node:assert/strict";
import type { Process } from "../../api/types.generated.ts";
import type { Kind } from "../../apiserver/kinds/kind.ts";
import { kinds } from "../../apiserver/kinds/kinds.ts";
import type { LocalClient } from "../../apiserver/local-client.ts";
import { StoreRegistry, type StoreRegistryOptions } from "../../apiserver/registry/store-registry.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { adminClient } from "./local-clients.ts";

export interface Desk {
  store: MemoryStore;
  clock: FakeClock;
  registry: StoreRegistry;
  client: LocalClient;
}

/** A Registry with everything real behind it but the disk and the clock, and the Namespace `default`. */
export async function openDesk(options: Partial<StoreRegistryOptions> = {}): Promise<Desk> {
  const clock = new FakeClock();
  const store = await MemoryStore.open({ clock, logger: silentLogger });
  const registry = new StoreRegistry({ store, clock, logger: silentLogger, ...options });
  await registry.bootstrap();
  return { store, clock, registry, client: adminClient(registry) };
}

/** The kind of this name, of those that are stored. */
export function kindNamed(name: string): Kind {
  const found = kinds.find(({ resource }) => resource.kind === name);
  assert.ok(found, `there is no kind ${name}`);
  return found;
}

/** The smallest Process: a name and a command. */
export const process = (name: string, spec: Record<string, unknown> = {}, metadata: object = {}): Process =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default", ...metadata },
    spec: { command: "/bin/true", ...spec },
  }) as Process;

export const instance = (name: string, metadata: object = {}): Record<string, unknown> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name, namespace: "default", ...metadata },
  spec: { command: "/bin/true", nodeName: "here", index: 0, revision: "r1", processName: "web" },
});

const isNamespaced = (kind: string): boolean => kindNamed(kind).resource.namespaced;

export const object = (kind: string, name: string, fields: object = {}): Record<string, unknown> => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(isNamespaced(kind) ? { namespace: "default" } : {}) },
  ...fields,
});
