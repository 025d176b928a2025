import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const FILES = join(import.meta.dirname, "../../../board/openwrt/files");
export const CHROOT = join(import.meta.dirname, "../../../board/openwrt/chroot");

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** A folder that stands for the router's root, and the programs that its scripts call: each notes that it was called. */
export class Router {
  readonly root = mkdtempSync(join(tmpdir(), "passerelle-openwrt-"));
  readonly #env: Record<string, string>;

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    this.#env = {
      PATH: `${join(this.root, "stubs")}:/usr/sbin:/usr/bin:/sbin:/bin`,
      PASSERELLE_ROOT: this.root,
      CALLS: join(this.root, "calls"),
      UCI: join(this.root, "uci"),
    };
    this.write("calls", "");
    this.write("uci", "");
  }

  /** A file of the router; "#!" at its start makes it a program. */
  write(path: string, text: string): void {
    const whole = join(this.root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    if (text.startsWith("#!")) chmodSync(whole, 0o755);
  }

  /** A program found by its name: notes its words, then does what `body` says. */
  stub(name: string, body = ""): void {
    this.write(`stubs/${name}`, `#!/bin/busybox sh\necho "${name} $*" >>"$CALLS"\n${body}\n`);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** What was called since the last time, a line each. */
  calls(): readonly string[] {
    const lines = this.read("calls").split("\n").filter(Boolean);
    this.write("calls", "");
    return lines;
  }

  /** By the shell that OpenWrt has. */
  sh(file: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Ran {
    const done = spawnSync("busybox", ["sh", file, ...words], {
      env: { ...this.#env, ...env },
      encoding: "utf8",
      timeout: 15_000,
    });
    return { code: done.status, output: `${done.stdout}${done.stderr}` };
  }
}

/** `uci` over a file of lines "network.lan.proto=static": get, set and commit of what our scripts use. */
export const UCI = `
[ "$1" = -q ] && shift
case "$1" in
  get)
    while IFS= read -r line; do
      case "$line" in "$2="?*) echo "\${line#*=}"; exit 0 ;; esac
    done <"$UCI"
    exit 1 ;;
  set)
    while IFS= read -r line; do
      case "$line" in "\${2%%=*}="*) ;; *) echo "$line" ;; esac
    done <"$UCI" >"$UCI.new"
    echo "$2" >>"$UCI.new"
    mv "$UCI.new" "$UCI" ;;
  commit) ;;
  *) exit 1 ;;
esac`;
