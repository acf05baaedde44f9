import { chmod, rename, stat, writeFile } from "node:fs/promises";
import type { Kubeconfig } from "../../../../api/kubeconfig/kubeconfig.ts";
import { toYamlLazily } from "../../../../api/yaml/to-yaml-lazily.ts";

/** Writes the file whole or not at all; it stays as private as it was. */
export async function save(path: string, config: Kubeconfig): Promise<void> {
  const { mode } = await stat(path);
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, await toYamlLazily(config), { mode: 0o600 });
  await chmod(draft, mode & 0o777);
  await rename(draft, path);
}
