import { SignatureProblem } from "../signature-problem.ts";
import { isMatch } from "./pattern-list.ts";
import { isKeyType, parsePublicKey, type SshPublicKey } from "./public-key.ts";

/** A key that may sign commits. */
export interface AllowedSigner {
  /** For people: the principals, or the comment of the key. */
  name: string;
  publicKey: SshPublicKey;
  isForGit: boolean;
  validAfter?: Date;
  validBefore?: Date;
}

/** A word, in which what is quoted may have blanks. */
const WORD = /^(?:[^\s"]|"[^"]*")+/;
const OPTION = /^([a-z-]+)(?:=(?:"([^"]*)"|([^",]*)))?(?:,|$)/i;

/** `ssh-keygen(1)`, ALLOWED SIGNERS: principals, options, key. Throws SignatureProblem, whose message begins with the line. */
export function parseAllowedSigners(text: string): AllowedSigner[] {
  return eachLine(text, (line) => {
    const [principals = "", afterPrincipals] = nextWord(line);
    const [word, rest] = nextWord(afterPrincipals);
    const hasOptions = !isKeyType(word) && isKeyType(nextWord(rest)[0]);
    const [type, base64 = ""] = (hasOptions ? rest : afterPrincipals).split(/\s+/);
    const name = principals.replaceAll('"', "");
    const options = hasOptions ? parseOptions(word) : { isForGit: true };
    return { name, publicKey: parsePublicKey(type!, base64), ...options };
  });
}

/** Of `entry`, a `.pub` file: one key on each line, with a comment or without. Throws SignatureProblem, whose message begins with the line. */
export function parsePublicKeys(text: string, entry: string): AllowedSigner[] {
  return eachLine(text, (line) => {
    const [type = "", base64 = "", ...comment] = line.split(/\s+/);
    return { name: comment.join(" ") || entry, publicKey: parsePublicKey(type, base64), isForGit: true };
  });
}

function eachLine(text: string, parse: (line: string) => AllowedSigner): AllowedSigner[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    try {
      return [parse(line)];
    } catch (error) {
      if (!(error instanceof SignatureProblem)) throw error;
      throw new SignatureProblem(`line ${index + 1} ${error.message}`);
    }
  });
}

function nextWord(line: string): [word: string, rest: string] {
  const [word = ""] = WORD.exec(line) ?? [];
  return [word, line.slice(word.length).trimStart()];
}

function parseOptions(text: string): Omit<AllowedSigner, "name" | "publicKey"> {
  const options = new Map<string, string>();
  for (let rest = text; rest !== ""; ) {
    const [all = "", name = "", quoted, bare] = OPTION.exec(rest) ?? [];
    if (all === "") throw new SignatureProblem("has options that cannot be read");
    const known = name.toLowerCase();
    if (options.has(known)) throw new SignatureProblem(`has the option ${known} twice`);
    options.set(known, quoted ?? bare ?? "");
    rest = rest.slice(all.length);
  }
  const result: Omit<AllowedSigner, "name" | "publicKey"> = { isForGit: true };
  for (const [name, value] of options) {
    if (name === "namespaces") result.isForGit = isMatch("git", value);
    else if (name === "valid-after") result.validAfter = parseTime(name, value);
    else if (name === "valid-before") result.validBefore = parseTime(name, value);
    else if (name === "cert-authority") {
      throw new SignatureProblem(
        "is of a certificate authority (cert-authority), which is not trusted: list the keys themselves",
      );
    } else throw new SignatureProblem("has an option other than namespaces, valid-after and valid-before");
  }
  return result;
}

/** `YYYYMMDD[HHMM[SS]][Z]`, without Z in the time zone of this host, as ssh-keygen has it. */
function parseTime(name: string, value: string): Date {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i.exec(value);
  const [year = "", month = "", day = "", hour = "00", minute = "00", second = "00", zone] = match?.slice(1) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone ? "Z" : ""}`);
  // A 30th of February is one of March to Date.
  const isDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  if (Number.isNaN(time.getTime()) || !isDay) throw new SignatureProblem(`must give ${name} as YYYYMMDD[HHMM[SS]][Z]`);
  return time;
}
