import { SingleBar } from "cli-progress";
import type { DeployEvent } from "./deployEvent.ts";
import { duration, size } from "./quantities.ts";

/** Where a run's events go. `close` gives the terminal back. */
export interface Reporter {
  readonly report: (event: DeployEvent) => void;
  close(): void;
}

/** `json`: an object a line. A terminal gets a bar an index; anything else a line a change. */
export function reporterFor(options: { json: boolean; isTerminal: boolean; print: (line: string) => void }): Reporter {
  const { json, isTerminal, print } = options;
  if (json) return { report: (event) => print(JSON.stringify(event)), close: () => {} };
  return isTerminal ? new BarReporter(print) : new LineReporter(print);
}

/** One line a change: of the phase, of what is waited for, of who blocks; progress within a phase is left out. */
class LineReporter implements Reporter {
  readonly #print: (line: string) => void;
  #last = "";

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  report = (event: DeployEvent): void => {
    // Numbers that only grow (an age, a share) make no new line.
    const key = JSON.stringify([event.event, "name" in event ? event.name : "", lineOf(event).replace(/\d+/g, "")]);
    if (key === this.#last) return;
    this.#last = key;
    this.#print(lineOf(event));
  };

  close(): void {}
}

class BarReporter implements Reporter {
  readonly #print: (line: string) => void;
  #bar: SingleBar | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  report = (event: DeployEvent): void => {
    switch (event.event) {
      case "started":
        this.close();
        this.#bar = new SingleBar({ format: "{bar} {percentage}% {name} {text}", hideCursor: true });
        this.#bar.start(1_000, 0, { name: event.name, text: "beginning" });
        return;
      case "progress":
        this.#bar?.update(Math.floor(event.share * 1_000), { text: event.phase });
        if (event.share === 1) this.close();
        return;
      case "blocked":
      case "waiting":
        if (this.#bar) this.#bar.update({ text: event.text });
        else this.#print(lineOf(event));
        return;
      case "note":
      case "postponed":
      case "finished":
        this.close();
        this.#print(lineOf(event));
        return;
      default:
        event satisfies never;
    }
  };

  close(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

function lineOf(event: DeployEvent): string {
  const name = "name" in event && event.name !== undefined ? `${event.name}: ` : "";
  switch (event.event) {
    case "started":
      return `${name}building, about ${size(event.estimatedBytes)}`;
    case "progress":
      return `${name}${event.phase} (${Math.floor(event.share * 100)} %)`;
    case "waiting":
      return `${name}waiting: ${event.text}`;
    case "postponed":
      return `${name}${event.text}; again in ${duration(event.retryInMs)}`;
    case "finished":
    case "blocked":
    case "note":
      return `${name}${event.text}`;
    default:
      return event satisfies never;
  }
}
