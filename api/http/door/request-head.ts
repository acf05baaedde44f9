import { DOOR_HOST } from "./door-address.ts";

/** By name, one value or several. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** The first bytes of a request of HTTP/1.1, as Latin-1. Throws for what would end a line or begin another, as `node:http` does. */
export function requestHead(method: string, path: string, headers: Headers): string {
  if (!/^[A-Z]+$/.test(method)) throw new TypeError(`Method must be a valid HTTP token ["${method}"]`);
  if (!/^[\x21-\xff]+$/.test(path)) throw new TypeError("Request path contains unescaped characters");
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${DOOR_HOST}`];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === "string" ? [values] : values) {
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
        throw new TypeError(`Invalid character in header content ["${name}"]`);
      lines.push(`${name}: ${value}`);
    }
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
