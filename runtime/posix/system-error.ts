import { getSystemErrorMap } from "node:util";

/** An error that names the call, as Node's own do: `posix_spawn: no such file or directory (ENOENT), path=/bin/x`. */
export function systemError(call: string, errno: number, fields: Record<string, unknown> = {}): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, "unknown error"];
  const details = Object.entries(fields)
    .map(([name, value]) => `, ${name}=${value}`)
    .join("");
  return Object.assign(new Error(`${call}: ${text} (${code})${details}`), { errno: -errno, code, syscall: call });
}
