import { isIP } from "node:net";

/** Where a repository is. Only what is listed here is understood: everything else (`file://`, `ext::`, `git://`, a path) is refused. */
export interface GitUrl {
  protocol: "https" | "ssh";
  host: string;
  port: number;
  /** Of ssh. */
  user?: string;
  /** As the server gets it: with a leading slash, but for ssh in the form `user@host:path`, which is relative to the user's home. */
  path: string;
  /** As it is shown to people. It holds no credentials. */
  text: string;
}

const HOST = /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*\.?$/i;
const USER = /^[a-z0-9_][a-z0-9_.-]*$/i;
/** No blanks, quotes, backslashes, control characters or anything else that a shell on the other side reads. */
const PATH = /^[a-z0-9/_.~+%@-]+$/i;
const SCP = /^([^@:/\s]+)@([^:/\s]+):(.+)$/;
const LONGEST = 2048;

/** Returns the problem, in words that follow the field's name, when it is none. Never quotes what may be a password. */
export function parseGitUrl(text: string): GitUrl | string {
  if (text.length > LONGEST) return `must have at most ${LONGEST} characters`;
  // A URL would be understood with them: blanks are encoded, line breaks left out, backslashes turned.
  if (/[^\x21-\x7e]|\\/.test(text)) return "must have no blanks, backslashes or letters beyond ASCII";
  const scp = SCP.exec(text);
  if (scp && !text.includes("://")) {
    const [, user = "", host = "", path = ""] = scp;
    return checked({ protocol: "ssh", host, port: 22, user, path, text });
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "ssh:")) {
    return "must be https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH";
  }
  if (url.password !== "") return "must not hold a password: put it into the Secret of spec.secretRef";
  if (/[?#]/.test(text)) return "must not have a query or a fragment";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol === "https:") {
    if (url.username !== "") return "must not hold a user: put it into the Secret of spec.secretRef";
    return asWritten(
      url,
      checked({ protocol: "https", host, port: Number(url.port || 443), path: url.pathname, text }),
    );
  }
  if (url.username === "") return "must name the user, as ssh://git@HOST/PATH";
  const ssh = {
    protocol: "ssh",
    host,
    port: Number(url.port || 22),
    user: url.username,
    path: url.pathname,
    text,
  } as const;
  return asWritten(url, checked(ssh));
}

/** What is shown to people is where it leads: `https:host/x`, `https://0x7f.1/x`, `https://@host/x` and `/a/../x` are understood, and say something else. */
function asWritten({ href }: URL, url: GitUrl | string): GitUrl | string {
  if (typeof url === "string") return url;
  const written = url.text.toLowerCase().replace(/^(https:\/\/[^/]*):443(?=\/)/, "$1");
  return written === href.toLowerCase() ? url : `must be written as ${href}`;
}

function checked(url: GitUrl): GitUrl | string {
  if (!HOST.test(url.host) && isIP(url.host) === 0) return "must name a host by its name or address";
  if (url.user !== undefined && !USER.test(url.user)) return "must name a user of letters, digits, - _ and .";
  if (!PATH.test(url.path) || url.path === "/" || url.path.startsWith("-")) {
    return "must have a path of letters, digits and / - _ . ~ + % @";
  }
  if (url.path.split("/").some((part) => part === ".." || part === ".")) return "must have a path without . and ..";
  return url;
}
