import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type GitUrl, parseGitUrl } from "../../api/git/git-url.ts";

const SSHD = "/usr/sbin/sshd";
/** Of root's sshd: it does not start without it, and only an init script makes it. */
const PRIVILEGE_SEPARATION = "/run/sshd";

/** Why there is no server here; false where there is one. */
export const noSshd: string | false =
  process.platform === "win32"
    ? "sshd is of POSIX here"
    : !existsSync(SSHD) && "sshd IS MISSING, NOTHING OVER SSH IS TESTED: apt-get install openssh-server";

/** A real sshd for the user who runs the tests, one for each connection, with keys that are thrown away. */
export class SshServer {
  readonly #server: Server;
  readonly #root: string;
  readonly #running = new Set<{ sshd: ChildProcess; socket: Socket }>();
  /** How many connections there were. */
  connections = 0;

  private constructor(root: string) {
    this.#root = root;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** `root`: folder of its files, which is there. */
  static async start(root: string): Promise<SshServer> {
    if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 });
    const server = new SshServer(root);
    server.newKey("host");
    server.letIn("");
    const settings = {
      HostKey: join(root, "host"),
      AuthorizedKeysFile: join(root, "authorized_keys"),
      StrictModes: "no",
      UsePAM: "no",
      PasswordAuthentication: "no",
      KbdInteractiveAuthentication: "no",
      PermitRootLogin: "yes",
      // What withstands quantum computers costs several times as much as all else in a session.
      KexAlgorithms: "curve25519-sha256",
      // The shell of each session would run what stands in .bashrc of whoever runs the tests, and git read his settings: none is his.
      SetEnv: `HOME=${root}`,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(join(root, "sshd_config"), lines.join(""));
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As a person writes it into known_hosts. */
  get knownHosts(): string {
    return this.knownAs("host");
  }

  knownAs(key: string): string {
    return `[127.0.0.1]:${this.port} ${readFileSync(join(this.#root, `${key}.pub`), "utf8")}`;
  }

  url(path: string): GitUrl {
    const url = parseGitUrl(`ssh://${userInfo().username}@127.0.0.1:${this.port}${path}`);
    if (typeof url === "string") throw new Error(url);
    return url;
  }

  /** The private half, as text. */
  newKey(name: string, passphrase = ""): string {
    const file = join(this.#root, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file]);
    return readFileSync(file, "utf8");
  }

  /** Only this key from now on; with `command` it runs that, whatever is asked for. */
  letIn(name: string, command?: string): void {
    const key = name && readFileSync(join(this.#root, `${name}.pub`), "utf8");
    const option = command === undefined ? "" : `command="${command.replaceAll('"', '\\"')}" `;
    writeFileSync(join(this.#root, "authorized_keys"), `${option}${key}\n`);
  }

  /** Ends every connection in the middle. */
  cut(): void {
    for (const { socket } of this.#running) socket.destroy();
  }

  get open(): number {
    return this.#running.size;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.connections++;
    const sshd = spawn(SSHD, ["-i", "-e", "-f", join(this.#root, "sshd_config")], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const one = { sshd, socket };
    this.#running.add(one);
    socket.pipe(sshd.stdin).on("error", () => {});
    sshd.stdout.pipe(socket).on("error", () => {});
    socket.on("close", () => {
      sshd.kill();
      this.#running.delete(one);
    });
    sshd.on("close", () => socket.destroySoon());
  }
}
