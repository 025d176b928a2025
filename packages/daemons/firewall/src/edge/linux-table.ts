import { spawn } from "node:child_process";
import { err, ok, type Result } from "@passerelle/result";
import { TABLE } from "../core/ruleset.ts";
import type { TablePort } from "./table.ts";

/** The kernel's nftables, through the `nft` program: text in, JSON out. */
export function linuxTable(): TablePort {
  return {
    async apply(text) {
      const done = await nft(["-f", "-"], text);
      return done.code === 0 ? ok(undefined) : err(done.stderr);
    },
    async list(): Promise<Result<readonly unknown[] | undefined, string>> {
      const done = await nft(["--json", "list", "table", "inet", TABLE], "");
      if (done.code !== 0) {
        return /No such file or directory/.test(done.stderr) ? ok(undefined) : err(done.stderr);
      }
      const listing: unknown = JSON.parse(done.stdout);
      const items =
        typeof listing === "object" && listing !== null && "nftables" in listing
          ? listing.nftables
          : undefined;
      return Array.isArray(items) ? ok(items as unknown[]) : err("no array in the listing");
    },
  };
}

interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function nft(argv: readonly string[], input: string): Promise<Done> {
  return new Promise((resolve) => {
    const child = spawn("nft", argv, { stdio: ["pipe", "pipe", "pipe"], timeout: 10_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin.on("error", () => {});
    child.on("error", (error) => resolve({ code: -1, stdout, stderr: String(error) }));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
