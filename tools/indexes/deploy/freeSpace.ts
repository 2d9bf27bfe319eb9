import { statfs } from "node:fs/promises";
import type { Session } from "./session.ts";

/** Free bytes where the server keeps its data, if that is a disk of this machine; undefined: it cannot be seen. */
export async function freeSpace(session: Session): Promise<number | undefined> {
  if (!/^(127\.\d+\.\d+\.\d+|localhost|::1):/.test(session.address)) return undefined;
  try {
    // Only some roles may read it.
    const [row] = await session.ask<{ directory: string }>("SELECT current_setting('data_directory') AS directory");
    const { bavail, bsize } = await statfs(row?.directory ?? "");
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
