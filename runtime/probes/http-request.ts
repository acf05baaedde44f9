import { wctlVersion } from "../../lib/version.ts";
import type { ProbeSpec } from "./prober.ts";

type HttpGet = NonNullable<ProbeSpec["httpGet"]>;

export interface ProbeHeaders {
  /** Instead of the URL's own host, except where an absolute redirect led. */
  host: string | undefined;
  /** All other headers, as they are sent. */
  lines: string[];
}

/** Go writes these itself, whatever a probe says. */
const OWN = new Set(["host", "content-length", "transfer-encoding", "trailer"]);

/** The headers of all requests of a probe. An empty User-Agent or Accept leaves the header out. Throws when the value of one is not known yet. */
export function headersOf({ httpHeaders = [] }: HttpGet): ProbeHeaders {
  const given = httpHeaders.flatMap(({ name, value: known }) => {
    const value = typeof known === "string" ? known : known();
    return value === undefined ? [] : [{ name, key: name.toLowerCase(), value }];
  });
  const defaults = [
    { name: "User-Agent", key: "user-agent", value: `wctl-probe/${wctlVersion}` },
    { name: "Accept", key: "accept", value: "*/*" },
    { name: "Connection", key: "connection", value: "close" },
  ].filter(({ key }) => !given.some((one) => one.key === key));
  const left = new Set(["user-agent", "accept"].filter((key) => given.find((one) => one.key === key)?.value === ""));
  const sent = [...defaults, ...given].filter(({ key }) => !OWN.has(key) && !left.has(key));
  return {
    host: given.find(({ key }) => key === "host")?.value || undefined,
    lines: sent.map(({ name, value }) => `${canonical(name)}: ${value}`),
  };
}

/** As Go writes names: `x-check` is sent as `X-Check`. */
const canonical = (name: string): string => name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** Admission has kept line ends out of everything here. */
export const requestText = (url: URL, host: string, { lines }: ProbeHeaders): string =>
  `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${host}\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
