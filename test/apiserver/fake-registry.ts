import { scheme } from "../../api/scheme.ts";
import { Registry } from "../../apiserver/registry/registry.ts";
import type { Storage } from "../../apiserver/registry/storage.ts";

/** Serves every kind of the scheme with these methods, and no others. */
export function fakeRegistry(methods: Omit<Storage, "resource">): Registry {
  const registry = new Registry();
  for (const resource of scheme) registry.install({ ...methods, resource });
  return registry;
}
