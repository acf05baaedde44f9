// The floor of a CLI: one request, nothing else, in the module system that starts fastest.
// node get-once.cjs URL [CA CERT KEY] (files, for https)
const { readFileSync } = require("node:fs");

const [url, ...files] = process.argv.slice(2);
const [ca, cert, key] = files.map((file) => readFileSync(file));
const { get } = url.startsWith("https:") ? require("node:https") : require("node:http");
get(url, { ca, cert, key, agent: false }, (response) => response.resume());
