// The first lines of the single executable: loads `wctl.js`, and on demand whatever else was split off, from the assets,
// each with its code cache. The daemon is such a part, so the CLI never pays for it.
import { getAssetKeys, getRawAsset } from "node:sea";
import { stopCoverage } from "node:v8";
import { Script } from "node:vm";

type Module = { exports: unknown };
type Wrapper = (exports: unknown, require: (id: string) => unknown, module: Module) => void;

const modules = new Map<string, Module>();

function requirePart(id: string): unknown {
  return id.startsWith("part:") ? load(id.slice("part:".length)).exports : require(id);
}

/** The bundler writes pure ASCII, so latin1 reads it right, and fast. A cache that V8 refuses costs time, nothing else. */
function load(name: string): Module {
  const known = modules.get(name);
  if (known) return known;
  const module: Module = { exports: {} };
  modules.set(name, module);
  const source = Buffer.from(getRawAsset(name)).toString("latin1");
  const wrapper = new Script(source, { filename: `wctl:${name}`, ...codeCacheOf(name) }).runInThisContext() as Wrapper;
  wrapper(module.exports, requirePart, module);
  return module;
}

/** An executable built for another system has none. */
function codeCacheOf(name: string): { cachedData?: Buffer } {
  const asset = `${name}.cache`;
  return getAssetKeys().includes(asset) ? { cachedData: Buffer.from(getRawAsset(asset)) } : {};
}

/**
 * Settings of Node itself in the environment are not ours to heed: they believe every certificate (NODE_TLS_REJECT_UNAUTHORIZED), write files
 * (NODE_V8_COVERAGE, which was read before us: what it began is stopped), and more with each version.
 */
function forgetNodesSettings(): void {
  const isCovered = process.env.NODE_V8_COVERAGE !== undefined;
  for (const name of Object.keys(process.env)) if (/^(NODE|OPENSSL|UV)_/i.test(name)) delete process.env[name];
  if (isCovered) stopCoverage();
}

forgetNodesSettings();
load("wctl.js");
