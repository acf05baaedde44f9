import { computerName } from "./computer-name.ts";
import { PROCESS_DOMAIN } from "./process-account.ts";

/** This machine itself. */
export const LOCAL = "";
/** A name without a domain: Windows may ask all trusted domains, one after the other. */
const ANYBODY = "?";

const ofThisMachine = (domain: string): boolean =>
  [".", "nt authority", "nt service", "builtin", PROCESS_DOMAIN.toLowerCase(), computerName().toLowerCase()].includes(
    domain,
  );

/** Who has to be asked about `DOMAIN\name`, `name@domain` or a plain name: this machine, or a domain, in lower case. */
export function authorityOfName(text: string): string {
  const name = text.toLowerCase();
  const slash = name.indexOf("\\");
  const at = name.lastIndexOf("@");
  if (slash < 0 && at < 0) return ANYBODY;
  const domain = slash >= 0 ? name.slice(0, slash) : name.slice(at + 1);
  return ofThisMachine(domain) ? LOCAL : domain;
}

/** Who has to be asked about a SID. In S-1-5-21-a-b-c-rid the first part names the domain; all other SIDs belong to the machine. */
export function authorityOfSid(sid: string): string {
  return /^S-1-5-21(-\d+){3}(?=-\d+$)/.exec(sid)?.[0] ?? LOCAL;
}
