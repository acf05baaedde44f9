import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";

/** A release of Debian, and its package with the program. What the machine itself calls kubectl may be somebody else's. */
const sources = [
  { release: "bookworm", name: "kubernetes-client" }, // The oldest in use: 1.20.
  { release: "trixie", name: "kubectl" }, // The stable one.
  { release: "sid", name: "kubectl" }, // The newest.
] as const;

export interface Kubectl {
  release: string;
  path: string;
  /** Of its version, whose major is 1. */
  minor: number;
}
export interface NoKubectl {
  release: string;
  /** Why it is not here. */
  missing: string;
}

const place = resolve(import.meta.dirname, "../../build/kubectl");
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Against a network that never answers. */
const HUNG_MS = 100_000;

/** Brings what is not in build/kubectl yet; what is there stays until `make clean`. Never rejects. */
export const bringAll = (): Promise<(Kubectl | NoKubectl)[]> =>
  Promise.all(
    sources.map(async ({ release, name }) => {
      const path = join(place, release);
      try {
        if (!existsSync(path)) await bring(release, name, path);
        return { release, path, minor: await minorOf(path) };
      } catch (error) {
        return { release, missing: reasonOf(error as Error) };
      }
    }),
  );

async function minorOf(path: string): Promise<number> {
  const { stdout } = await execa(path, ["version", "--client", "-o", "json"]);
  return Number.parseInt(JSON.parse(stdout).clientVersion.minor, 10);
}

/** Where this machine has its own packages from. */
async function archive(): Promise<string> {
  const { stdout } = await execa("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
  const found = stdout.split("\n").find((uri) => uri.endsWith("/debian/"));
  if (found === undefined) throw new Error("apt is told of no archive of Debian");
  return found;
}

/** apt verifies what it downloads. Lists, cache and status are of their own, so nothing of this machine is read or changed but the keys of Debian. */
async function bring(release: string, name: string, path: string): Promise<void> {
  if (!existsSync(KEYRING)) throw new Error(`there is no ${KEYRING}`);
  mkdirSync(place, { recursive: true });
  const work = mkdtempSync(join(place, `.${release}-`));
  try {
    for (const folder of ["lists/partial", "cache/archives/partial"])
      mkdirSync(join(work, folder), { recursive: true });
    writeFileSync(join(work, "status"), "");
    writeFileSync(join(work, "list"), `deb [signed-by=${KEYRING}] ${await archive()} ${release} main\n`);
    const apt = (...args: string[]) => execa("apt-get", [...optionsIn(work), ...args], { cwd: work, timeout: HUNG_MS });
    await apt("update");
    await apt("download", name);
    const [file = ""] = globSync("*.deb", { cwd: work });
    await execa("dpkg-deb", ["-x", file, "files"], { cwd: work });
    renameSync(join(work, "files/usr/bin/kubectl"), path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const optionsIn = (work: string): string[] =>
  Object.entries({
    "Dir::Etc::sourcelist": join(work, "list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::State::lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": join(work, "cache"),
    "APT::Update::Error-Mode": "any",
    "APT::Sandbox::User": "", // The user that it would change to can't write here.
    "Acquire::Languages": "none",
    "Acquire::http::Timeout": "20",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]);

/** The first complaint of a program; its command line says nothing to a reader. */
function reasonOf(error: Error & { stderr?: string; shortMessage?: string; code?: string }): string {
  if (error.code === "ENOENT") return "there is no apt-get or dpkg-deb";
  const complaint = error.stderr?.split("\n").find((line) => /^[EW]:/.test(line));
  return complaint ?? error.shortMessage ?? error.message;
}
