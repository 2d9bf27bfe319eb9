import { execFileSync } from "node:child_process";
import { cpus, platform, release, totalmem } from "node:os";
import type { Measurement } from "./measurement.ts";

/** From where latencies are measured. */
export function machineFacts(): Measurement["machine"] {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
  };
}

/** The checkout's commit, `+changes` when its queries or its SQL are not as committed; null outside a checkout. */
export function commitFacts(): string | null {
  const git = (...words: string[]) =>
    execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const commit = git("rev-parse", "--short=12", "HEAD").trim();
    return git("status", "--porcelain", "--", "src", "sql") === "" ? commit : `${commit}+changes`;
  } catch {
    return null;
  }
}
