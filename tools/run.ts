import { spawn } from "node:child_process";

/** How a command ended, and what it printed if that was captured. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs a program of `node_modules/.bin` or the PATH to its end. `capture` collects what it prints (both streams),
 * otherwise it goes to the terminal. A signal that ends this process ends the child as well (same process group).
 */
export function run(command: string, args: readonly string[], options: { capture?: boolean } = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: options.capture ? ["ignore", "pipe", "pipe"] : "inherit" });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", (error) => reject(new Error(`${command} could not be run: run \`npm ci\` (${error.message}).`)));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
