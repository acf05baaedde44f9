import { StatusError } from "../../api/errors.ts";
import { DOOR_HOST } from "../../api/http/door/door-address.ts";
import type { HttpRequest } from "../http/carrier.ts";

/** What only a program adds that hands on what others have asked, and a browser. */
const ofOthers = /^(?:origin|forwarded|via|x-real-ip|x-forwarded-.*)$/;

/**
 * Refuses what somebody between has handed on: whoever is behind a proxy would come in as the account that the proxy runs as. A Host other than the
 * door's own is one too, or a browser that a web page has sent here. Throws Forbidden.
 */
export function checkDoorRequest({ rawHeaders }: HttpRequest): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const foreign = names.find((name) => ofOthers.test(name));
  if (foreign) throw refused(`a request with the header ${foreign} comes from somewhere else`);
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && names[(index - 1) / 2] === "host");
  if (hosts.length !== 1 || hosts[0] !== DOOR_HOST) throw refused(`a request here has the Host ${DOOR_HOST}`);
}

const refused = (why: string): StatusError =>
  new StatusError("Forbidden", `forbidden: ${why}: the local door is for programs of this machine, others use HTTPS`, {
    details: {},
  });
