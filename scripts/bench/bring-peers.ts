import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import { noOwnCgroup } from "../../test/bench/peers/own-cgroup.ts";
import type { Installed } from "../../test/bench/peers/peer.ts";
import { SYSTEMD } from "../../test/bench/peers/systemd.ts";

const project = resolve(import.meta.dirname, "../..");
const place = join(project, "build/peers");
/** Unpacked only: installing them could start something. */
const unpacked = ["runit", "supervisor"];
const lockedPm2 = join(project, "test/bench/peers/pm2");

/** Why something can't be measured here. */
export interface Missing {
  missing: string;
}

export interface Peers {
  /** runit and supervisord: Debian's packages, unpacked into a folder, so that none of them starts anything or changes this machine. */
  unpacked: Installed | Missing;
  /** Installed: it wants its programs in /usr/bin, and its package starts nothing. */
  s6: Installed | Missing;
  /** The path of its command. No script of a package runs. */
  pm2: string | Missing;
  /** That of this machine. */
  systemd: true | Missing;
  versions: Record<string, string>;
}

export async function bringPeers(): Promise<Peers> {
  const debian = await orWhy(unpackDebian);
  const s6 = await orWhy(installS6);
  const pm2 = await orWhy(bringPm2);
  const systemd = await orWhy(findSystemd);
  return { unpacked: debian, s6, pm2, systemd, versions: await versionsOf(pm2) };
}

async function versionsOf(pm2: string | Missing): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const file of globSync("debs/*.deb", { cwd: place })) {
    const [name = "", version = ""] = basename(file).split("_");
    if (unpacked.includes(name)) versions[name] = decodeURIComponent(version);
  }
  for (const name of ["s6", "systemd"]) {
    const { stdout } = await execa("dpkg-query", ["-s", name], { reject: false });
    const version = /^Version: (.*)$/m.exec(stdout)?.[1];
    if (version !== undefined) versions[name] = version;
  }
  if (typeof pm2 === "string") versions.pm2 = JSON.parse(readFileSync(join(pm2, "../../package.json"), "utf8")).version;
  return versions;
}

async function orWhy<T>(bring: () => Promise<T>): Promise<T | Missing> {
  try {
    return await bring();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { missing: stderr?.split("\n").find((line) => /^(E:|npm (error|ERR!))/.test(line)) ?? message };
  }
}

async function unpackDebian(): Promise<Installed> {
  const [debs, root] = [join(place, "debs"), join(place, "root")];
  const program = (name: string): string => {
    const [found] = globSync(`{usr/,}{bin,sbin}/${name}`, { cwd: root });
    if (found === undefined) throw new Error(`the packages ${unpacked.join(", ")} bring no ${name}`);
    return join(root, found);
  };
  if (!existsSync(join(root, "usr/bin/supervisord"))) {
    needRoot();
    console.error(`bench: downloading ${unpacked.join(", ")}`);
    mkdirSync(join(debs, "partial"), { recursive: true });
    const only = ["--download-only", "--reinstall", "--no-install-recommends", "-o", `Dir::Cache::archives=${debs}`];
    await execa("apt-get", ["update", "-q"]);
    await execa("apt-get", ["install", "-q", "-y", ...only, ...unpacked]);
    for (const deb of globSync(join(debs, "*.deb"))) await execa("dpkg-deb", ["-x", deb, root]);
  }
  const env = {
    ...process.env,
    PATH: [join(root, "usr/bin"), process.env.PATH].join(delimiter),
    PYTHONPATH: join(root, "usr/lib/python3/dist-packages"),
  };
  return { program, env };
}

async function installS6(): Promise<Installed> {
  const svscan = "/usr/bin/s6-svscan";
  if (!existsSync(svscan)) {
    needRoot();
    console.error("bench: apt-get install s6");
    await execa("apt-get", ["update", "-q"]);
    await execa("apt-get", ["install", "-q", "-y", "--no-install-recommends", "s6"]);
  }
  return { program: (name) => join(svscan, "..", name), env: process.env };
}

function needRoot(): void {
  if (process.getuid?.() !== 0) throw new Error("apt-get needs root");
}

async function bringPm2(): Promise<string> {
  const folder = join(place, "pm2");
  const program = join(folder, "node_modules/pm2/bin/pm2");
  if (!existsSync(program)) {
    console.error("bench: npm ci of pm2");
    mkdirSync(folder, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(lockedPm2, file), join(folder, file));
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await execa("npm", ["ci", ...flags], { cwd: folder });
  }
  return realpathSync(program);
}

async function findSystemd(): Promise<true> {
  if (!existsSync(SYSTEMD)) throw new Error(`there is no ${SYSTEMD}`);
  const why = noOwnCgroup();
  if (why !== undefined) throw new Error(why);
  return true;
}
