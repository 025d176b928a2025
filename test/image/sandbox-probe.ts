/**
 * Runs on a box inside the sandbox of a daemon and tries to leave it (security.md C1). Says what it could do: one JSON
 * object, attempt → "done" or the code or message that stopped it. Arguments: DAEMON, process number of another daemon,
 * a kernel module's file, an address of the Internet that answers on port 80. Nothing it does harms a box where the sandbox
 * holds.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { setPriority } from "node:os";

const [daemon = "", otherPid = "1", moduleFile = "", internet = ""] = process.argv.slice(2);
const DAEMONS = ["config", "system", "firewall", "wan", "lan", "web"];
const other = daemon === "web" ? "config" : "web";

interface Native {
  open(family: number, type: number, protocol: number): unknown;
}

const said: Record<string, string> = {};

function attempt(name: string, act: () => unknown): void {
  try {
    act();
    said[name] = "done";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    said[name] = code ?? message;
  }
}

const write = (path: string) => () => {
  writeFileSync(path, "probe");
  rmSync(path, { force: true });
};
const open = (path: string) => () => closeSync(openSync(path, "r"));
/** Writes what is there already: harmless where it is allowed. */
const rewrite = (path: string) => () => writeFileSync(path, readFileSync(path));

/** A program of the box that fails says why; not all of them end with a number that says so (busybox's date). */
const program =
  (...[file = "", ...words]: readonly string[]) =>
  () => {
    const done = spawnSync(file, words, { encoding: "utf8", timeout: 10_000 });
    if (done.error !== undefined) throw done.error;
    const complaint = done.stderr.trim().split("\n").at(-1) ?? "";
    if (done.status !== 0 || complaint !== "")
      throw new Error(complaint || `ends with ${done.status}`);
  };

const busybox = (...words: readonly string[]) => program("/bin/busybox", ...words);

/** Files. */
function files(): void {
  const state = "/var/lib/passerelle";
  attempt("write own state", write(`${state}/${daemon}/probe`));
  attempt("write own runtime", write(`/run/passerelle/${daemon}/probe`));
  attempt("read factory values", open("/run/passerelle-boot/defaults.json"));
  attempt("order a factory reset", write(`${state}/probe`));
  attempt("write /etc", write("/etc/probe"));
  attempt("write /usr", write("/usr/lib/passerelle/probe"));
  attempt("write /var/lib", write("/var/lib/probe"));
  attempt("write /run", write("/run/probe"));
  attempt("write /data", write("/data/probe"));
  attempt("write a boot sign", write("/run/passerelle-boot/trial"));
  attempt("write another's state", write(`${state}/${other}/probe`));
  attempt("read another's state", () => readdirSync(`${state}/${other}`));
  attempt("read another's runtime", () => readdirSync(`/run/passerelle/${other}`));
  attempt("read shadow", open("/etc/shadow"));
  attempt("read /root", () => readdirSync("/root"));
  attempt("set a setuid bit", () => {
    const path = `${state}/${daemon}/probe-suid`;
    writeFileSync(path, "");
    try {
      chmodSync(path, 0o4755);
    } finally {
      rmSync(path);
    }
  });
}

/** The kernel. */
function kernel(): void {
  attempt("open the disk", open("/dev/passerelle/disk"));
  attempt("open /dev/mem", open("/dev/mem"));
  attempt("open /dev/kmsg", open("/dev/kmsg"));
  attempt("open /proc/kcore", open("/proc/kcore"));
  attempt("open the watchdog", () => closeSync(openSync("/dev/watchdog0", "w")));
  attempt("write a kernel setting", rewrite("/proc/sys/kernel/panic"));
  attempt("write a network setting", rewrite("/proc/sys/net/ipv4/ip_forward"));
  attempt("leave the control group", () => writeFileSync("/sys/fs/cgroup/cgroup.procs", "0"));
  attempt("load a module", busybox("insmod", moduleFile));
  attempt("mount", busybox("mount", "-t", "tmpfs", "probe", "/tmp"));
  attempt("unshare", busybox("unshare", "-U", "/bin/busybox", "true"));
  attempt("change root", busybox("chroot", "/", "/bin/busybox", "true"));
  attempt("restart at once", busybox("reboot", "-f"));
  attempt("set the clock", busybox("date", "-s", `@${Math.round(Date.now() / 1000)}`));
  attempt("set the name", busybox("hostname", "probe"));
  attempt("raise its priority", () => setPriority(-10));
}

/** Other processes. */
function processes(): void {
  const pid = Number(otherPid);
  attempt("signal another", () => process.kill(pid, 0));
  attempt("see another", open(`/proc/${pid}/cmdline`));
  attempt("read another's environment", open(`/proc/${pid}/environ`));
  attempt("read another's memory", open(`/proc/${pid}/mem`));
  attempt("read init's environment", open("/proc/1/environ"));
}

/** Networks. `tcp` resolves with what stopped it; an answer of any kind is a network that was reached. */
async function networks(): Promise<void> {
  const addon = { exports: {} as Native };
  process.dlopen(addon, "/usr/lib/passerelle/passerelle_native.node");
  const socket =
    (family: number, type: number, protocol = 0) =>
    () =>
      addon.exports.open(family, type, protocol);
  attempt("packet socket", socket(17, 3));
  attempt("raw socket", socket(2, 3, 1));
  attempt("netlink socket", socket(16, 3));
  attempt("odd socket", socket(38, 5));
  attempt("change the network", program("/usr/sbin/ip", "link", "set", "lo", "mtu", "65536"));
  said["reach the Internet"] = await connect({ host: internet, port: 80 });
  said["reach the home"] = await connect({ host: "192.168.1.1", port: 80 });
  for (const name of DAEMONS)
    said[`bus as ${name === daemon ? "itself" : name}`] = await connect({
      path: `/run/passerelle/bus/${name}/${name}.sock`,
    });
  said["message bus"] = await connect({ path: "/run/dbus/system_bus_socket" });
}

function connect(where: { path: string } | { host: string; port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(where);
    const end = (text: string) => {
      socket.destroy();
      resolve(text);
    };
    // What a filter of the unit drops has no answer.
    socket.setTimeout(ANSWER_MS, () => end("no answer"));
    socket.once("connect", () => end("done"));
    socket.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" ? "done" : (code ?? message)),
    );
  });
}

/** Whoever is there answers at once, also in an emulated machine. */
const ANSWER_MS = 10_000;

/** As many programs as it is given. */
async function forks(): Promise<void> {
  const children: ChildProcess[] = [];
  let stopped = "";
  for (let count = 0; count < 200 && stopped === ""; count += 1) {
    const child = spawn("/bin/busybox", ["sleep", "60"], { stdio: "ignore" });
    stopped = await new Promise<string>((resolve) => {
      child.once("spawn", () => resolve(""));
      child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    if (stopped === "") children.push(child);
  }
  said["start 200 programs"] = stopped === "" ? "done" : stopped;
  for (const child of children) child.kill("SIGKILL");
}

files();
kernel();
processes();
await networks();
await forks();
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit());
