// The floor of a CLI: one request, nothing else. node get-once.mjs URL [CA CERT KEY] (files, for https)
import { readFileSync } from "node:fs";

const [url, ...files] = process.argv.slice(2);
const [ca, cert, key] = files.map((file) => readFileSync(file));
const { get } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
get(url, { ca, cert, key, agent: false }, (response) => response.resume());
