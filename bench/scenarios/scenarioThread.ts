import { answer } from "../aside.ts";
import { playAll } from "./playAll.ts";

await answer((seed: number, say) => playAll(seed, say));
