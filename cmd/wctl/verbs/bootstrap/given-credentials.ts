import { readFile } from "node:fs/promises";
import type { GitUrl } from "../../../../api/git/git-url.ts";
import type { Context } from "../../command/command.ts";
import type { Flags, Option } from "../../command/option.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { readPrivateFile } from "../../input/private-file.ts";

/** No credential is a word of the command line: others see those, and shells keep them. */
export const credentialOptions = [
  { name: "username", type: "string", placeholder: "USER", description: "With a token or password: whose it is." },
  {
    name: "token-file",
    type: "string",
    placeholder: "FILE",
    description: "A file with a token or password of the server, for https.",
  },
  { name: "token-stdin", type: "boolean", description: "The same from standard input." },
  {
    name: "ssh-key-file",
    type: "string",
    placeholder: "FILE",
    description: "A private key without a passphrase, for ssh.",
  },
  {
    name: "known-hosts-file",
    type: "string",
    placeholder: "FILE",
    description: "With --ssh-key-file: the lines by which the server is known, as ssh-keyscan prints them.",
  },
  {
    name: "ca-file",
    type: "string",
    placeholder: "FILE",
    description: "The authority of the server's certificate (PEM), where the machine does not know it.",
  },
] as const satisfies readonly Option[];

type CredentialFlags = Flags<typeof credentialOptions>;

/** Of a token on standard input. */
const LONGEST_TOKEN = 64 * 1024;

/** What the Secret of the source is to hold; undefined when nothing was given. Rejects with Failure. */
export async function givenCredentials(
  { protocol }: GitUrl,
  flags: CredentialFlags,
  stdin: Context["stdin"],
): Promise<Record<string, string> | undefined> {
  const problem = problemOf(protocol, flags);
  if (problem !== undefined) throw usageFailure("bootstrap git", problem);
  const token = flags["token-stdin"] ? tokenIn(await stdin()) : secretIn(flags["token-file"], "token");
  const identity = secretIn(flags["ssh-key-file"], "key");
  const given = {
    username: flags.username,
    token,
    identity: identity && `${identity}\n`,
    known_hosts: await textOf(flags["known-hosts-file"]),
    "ca.crt": await textOf(flags["ca-file"]),
  };
  const texts = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

function problemOf(protocol: GitUrl["protocol"], flags: CredentialFlags): string | undefined {
  const isToken = flags["token-file"] !== undefined || flags["token-stdin"];
  const [key, hosts] = [flags["ssh-key-file"], flags["known-hosts-file"]];
  if (flags["token-file"] !== undefined && flags["token-stdin"]) return "give one of --token-file and --token-stdin";
  if (flags.username !== undefined && !isToken) return "--username goes with --token-file or --token-stdin";
  if ((key === undefined) !== (hosts === undefined)) return "--ssh-key-file and --known-hosts-file go together";
  if (protocol === "https" && key !== undefined) return "--ssh-key-file is for a URL of ssh";
  if (protocol === "ssh" && (isToken || flags["ca-file"] !== undefined))
    return "a token and --ca-file are for a URL of https: a repository over ssh takes --ssh-key-file";
  return undefined;
}

const secretIn = (file: string | undefined, what: string): string | undefined =>
  file === undefined ? undefined : readPrivateFile(file, what).toString("utf8");

function tokenIn(bytes: Buffer): string {
  const token = bytes.toString("utf8").trim();
  if (token === "") throw new Failure("there is no token on standard input");
  if (bytes.length > LONGEST_TOKEN) throw new Failure("what is on standard input is too long for a token");
  return token;
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new Failure(`cannot read ${JSON.stringify(file)}: ${error.message}`, { cause: error });
  });
  if (text.trim() === "") throw new Failure(`${file} is empty`);
  return text;
}
