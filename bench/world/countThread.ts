import { answer } from "../aside.ts";
import { count } from "./count.ts";
import type { LargeSiteOptions } from "./largeSite.ts";

await answer((options: Omit<LargeSiteOptions, "say">, say) => count({ ...options, say }));
