// Wine 8 lacks bcryptprimitives.dll, which every Windows has; programs written in Go or Rust (esbuild.exe) end without it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The one function that they call: it returns random bytes, and Wine has it under another name. */
const SOURCE = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return SystemFunction036(data, (ULONG)length);
}
`;

/** Puts it into the prefix when that has none. Throws when it does not compile. */
export function addBcryptPrimitives(prefix: string, compiler: string): void {
  const place = join(prefix, "drive_c/windows/system32/bcryptprimitives.dll");
  if (existsSync(place)) return;
  const work = mkdtempSync(join(prefix, "bcryptprimitives-"));
  try {
    writeFileSync(join(work, "source.c"), SOURCE);
    const args = ["-shared", "-s", "-o", "made.dll", "source.c", "-ladvapi32"];
    const { status, stderr } = spawnSync(compiler, args, { cwd: work, encoding: "utf8" });
    if (status !== 0) throw new Error(`bcryptprimitives.dll does not compile: ${stderr}`);
    renameSync(join(work, "made.dll"), place);
  } finally {
    rmSync(work, { recursive: true });
  }
}
