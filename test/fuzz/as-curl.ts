import type { Ask } from "./ask.ts";

const LONGEST = 4_000;

/** A line that asks the same again, as far as letters can: longer bodies are only begun. */
export function asCurl({ method, path, headers, body }: Ask, protocol: string, who: string): string {
  const version = protocol === "HTTP/2" ? "--http2" : "--http1.1";
  const said = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const data = body ? [`--data-binary ${shown(body)}`] : [];
  return `# as ${who}\ncurl ${version} --path-as-is -X ${method} ${said.join(" ")} ${data.join("")} "$SERVER"${quoted(path)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function shown(body: Buffer): string {
  const text = body.toString("utf8");
  if (body.length > LONGEST) return `${quoted(text.slice(0, LONGEST))} # and so on, ${body.length} bytes`;
  return Buffer.from(text).equals(body) ? quoted(text) : `@<(echo ${body.toString("base64")} | base64 -d)`;
}
