/** Who has an IPv6 address usually has its whole /64 network, so that network counts as one peer. IPv4 in IPv6 counts as IPv4. */
export function peerOf(address: string): string {
  const [plain = ""] = address.toLowerCase().split("%", 1);
  const four = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (four || !plain.includes(":")) return four ?? plain;
  const [head = "", tail] = plain.split("::", 2) as [string, string | undefined];
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)).fill("0");
  return `${[...front, ...zeros, ...back].slice(0, 4).join(":")}::/64`;
}
