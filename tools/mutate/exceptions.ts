/** A change of the source that no test can tell from the original, or that makes a loop which only time ends. */
export interface Exception {
  /** From the repository's root. */
  readonly file: string;
  /** The line that it begins on, where the same text stands on others too. */
  readonly on?: string;
  /** Both in one line. */
  readonly original: string;
  readonly replacement: string;
  /** `never`: with it the tests run until they are stopped, which counts as told. */
  readonly ends?: "never";
  /** Why no test can tell. */
  readonly why: string;
}

const EXHAUSTIVE = "The switch names every state: no value comes to its default, which the types prove.";
const FOR_TYPES = "Asked for the types alone: the other half of the condition decides.";
const EVERY_SLOT = "It goes through every slot since 1970 one by one, or without end.";

export const EXCEPTIONS: readonly Exception[] = [
  ...[
    ["admission/admission.ts", "state"],
    ["effective.ts", "state"],
    ["leftMs.ts", "phase"],
    ["ringAt.ts", "evident"],
    ["step.ts", "event"],
    ["stepEvident.ts", "event"],
    ["stepEvident.ts", "phase"],
  ].map(([file, value]) => ({
    file: `src/breaker/${file}`,
    original: `default: return ${value} satisfies never;`,
    replacement: "default:",
    why: EXHAUSTIVE,
  })),
  {
    file: "src/breaker/admission/admission.ts",
    on: 'case "open":',
    original: '"open"',
    replacement: '""',
    why: 'The default returns the state, which is "open".',
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "new Array<number>(SLOTS)",
    replacement: "new Array()",
    why: "A slot that is not there counts as 0.",
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed === 0",
    replacement: "false",
    why: "What follows forgets no slot and sets the newest to itself: the condition only saves time.",
  },
  {
    file: "src/breaker/admission/permits.ts",
    on: "if (passed === 0 || (passed < 0 && passed > -SLOTS)) return;",
    original: "passed < 0",
    replacement: "passed <= 0",
    why: "0 was asked for before.",
  },
  {
    file: "src/breaker/admission/permits.ts",
    on: "if (passed >= SLOTS || passed < 0) {",
    original: "passed < 0",
    replacement: "passed <= 0",
    why: "0 went away before.",
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed >= SLOTS",
    replacement: "passed > SLOTS",
    why: "As many steps as there are slots forget all of them, too.",
  },
  {
    file: "src/breaker/collectorRegister.ts",
    original: "seq !== undefined",
    replacement: "true",
    why: "Undefined is not at most the last number. Asked for the types.",
  },
  {
    file: "src/breaker/collectorRegister.ts",
    original: "a.name < b.name",
    replacement: "a.name <= b.name",
    why: "No two have one name.",
  },
  {
    file: "src/breaker/effective.ts",
    original: 'case "open": return 3;',
    replacement: 'case "open":',
    why: "Only the world forces a node open: no isolate's own state is compared with it, so open may be as strict.",
  },
  {
    file: "src/breaker/effective.ts",
    on: 'case "forced-open":',
    original: '"forced-open"',
    replacement: '""',
    why: "The default returns the state itself, and a word is neither more nor less than a number: nothing is stricter.",
  },
  {
    file: "src/breaker/effective.ts",
    original: 'case "forced-open": return 4;',
    replacement: 'case "forced-open":',
    why: "The default returns the state itself, and a word is neither more nor less than a number: nothing is stricter.",
  },
  {
    file: "src/breaker/phase.ts",
    original: 'phase.state === "shadow"',
    replacement: "true",
    why: "Only a shadow has something under it: of the others that is undefined as well. Asked for the types.",
  },
  {
    file: "src/breaker/rampGate.ts",
    on: '#ramp = "";',
    original: '""',
    replacement: '"Stryker was here!"',
    why: "No ramp has either name.",
  },
  {
    file: "src/breaker/stepEvident.ts",
    on: 'case "closed":',
    original: '"closed"',
    replacement: '""',
    why: "The default returns the phase as well.",
  },
  {
    file: "src/breaker/stepEvident.ts",
    on: 'case "half-open":',
    original: '"half-open"',
    replacement: '""',
    why: "The default returns the phase as well.",
  },
  {
    file: "src/breaker/stepEvident.ts",
    original: 'case "half-open": return phase;',
    replacement: 'case "half-open":',
    why: "The default returns the phase as well.",
  },
  {
    file: "src/breaker/worldBreaker.ts",
    original: "row === undefined",
    replacement: "false",
    why: "No row is read as one that cannot be read: as none. Asked for the types.",
  },
  {
    file: "src/breaker/worldBreaker.ts",
    original: "[]",
    replacement: '["Stryker was here"]',
    on: "const digest = this.#hearOf(sent, now) ? sent : { ...sent, reports: [], calm: [], checks: [], wantsLeases: 0 };",
    why: "Of a node that is not configured nothing is heard, and nothing granted.",
  },
  {
    file: "src/breaker/worldBreaker.ts",
    original: "isHeld(from) && isHeld(to)",
    replacement: "isHeld(from) || isHeld(to)",
    why: FOR_TYPES,
  },
  {
    file: "src/breaker/worldBreaker.ts",
    original: "isHeld(from) && isHeld(to)",
    replacement: "true",
    why: FOR_TYPES,
  },
  {
    file: "src/breaker/worldEvidence.ts",
    on: "const content = { failingAt: 0, failedRun: 0, slowRun: 0, tripped: false };",
    original: "false",
    replacement: "true",
    why: "Whose trouble was at time 0 has none now, whatever it was.",
  },
  {
    file: "src/breaker/worldMemory.ts",
    original: "this.#meta.leases++",
    replacement: "this.#meta.leases--",
    why: "Names of leases are other ones each time, downwards too, and nobody reads more in them.",
  },
  {
    file: "src/breaker/worldNode.ts",
    on: 'return this.reporters.find((reporter) => reporter.id === id) ?? { id, colo: "", ...SILENT };',
    original: '""',
    replacement: '"Stryker was here!"',
    why: "Whoever is heard of says a colo with his word, an empty one at least.",
  },
  {
    file: "src/breaker/worldNode.ts",
    on: "leases: HeldLease[] = [];",
    original: "[]",
    replacement: '["Stryker was here"]',
    why: "What is no lease ends at no time, and is left out as those that are over.",
  },
  {
    file: "src/breaker/worldNode.ts",
    on: "#floor: QuorumFloor = { count: 0, until: 0 };",
    original: "{ count: 0, until: 0 }",
    replacement: "{}",
    why: "Until undefined is over, as until 0 is.",
  },
  {
    file: "src/breaker/collectorRegister.ts",
    original:
      "{ if (now - at <= COLLECTOR_KEPT_MS && this.#known.size <= MAX_COLLECTORS) return; this.#known.delete(oldest); }",
    replacement: "{}",
    ends: "never",
    why: "Nobody is forgotten, and each digest looks through all that ever came.",
  },
  {
    file: "src/breaker/collectorRegister.ts",
    original: "now - at <= COLLECTOR_KEPT_MS && this.#known.size <= MAX_COLLECTORS",
    replacement: "true",
    ends: "never",
    why: "Nobody is forgotten, and each digest tells of all that ever came.",
  },
  {
    file: "src/breaker/worldNode.ts",
    on: "tripped: false,",
    original: "false",
    replacement: "true",
    why: "Whose trouble was at time 0 has none now, whatever it was.",
  },
  {
    file: "src/breaker/admission/attemptBudget.ts",
    original: "step++",
    replacement: "step--",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/attemptBudget.ts",
    original: "step <= passed",
    replacement: "step > passed",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed < 0 && passed > -SLOTS",
    replacement: "passed < 0 || passed > -SLOTS",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    on: "if (passed === 0 || (passed < 0 && passed > -SLOTS)) return;",
    original: "passed < 0",
    replacement: "true",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    on: "if (passed === 0 || (passed < 0 && passed > -SLOTS)) return;",
    original: "passed < 0",
    replacement: "passed >= 0",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed >= SLOTS || passed < 0",
    replacement: "passed >= SLOTS && passed < 0",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed >= SLOTS || passed < 0",
    replacement: "false",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed >= SLOTS",
    replacement: "false",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "passed >= SLOTS",
    replacement: "passed < SLOTS",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/admission/permits.ts",
    original: "step++",
    replacement: "step--",
    ends: "never",
    why: EVERY_SLOT,
  },
  {
    file: "src/breaker/reporterWords.ts",
    original: "[...inPlaces, ...beyond].slice(0, MAX_REPORTERS)",
    replacement: "[...inPlaces, ...beyond]",
    ends: "never",
    why: "Three thousand words, each compared with each, three thousand times.",
  },
  {
    file: "src/breaker/worldEvidence.ts",
    original: "node.successAt !== null",
    replacement: "true",
    why: "No failure is as old as time 0, which null counts as. Asked for the types.",
  },
  {
    file: "src/breaker/worldNode.ts",
    on: "#coloFloor: QuorumFloor = { count: 0, until: 0 };",
    original: "{ count: 0, until: 0 }",
    replacement: "{}",
    why: "Until undefined is over, as until 0 is.",
  },
  {
    file: "src/breaker/nodeRow.ts",
    original: "{ count: 0, until: 0 }",
    replacement: "{}",
    why: "Until undefined is over, as until 0 is.",
  },
  {
    file: "src/breaker/lastOutcomes.ts",
    on: 'readonly #outcomes = new Array<Outcome>(MIN_VOLUME).fill("excluded");',
    original: '"excluded"',
    replacement: '""',
    why: "A place that nothing took yet has no time, and counts for nothing.",
  },
  {
    file: "src/breaker/lastOutcomes.ts",
    original: "new Array<Outcome>(MIN_VOLUME)",
    replacement: "new Array()",
    why: "A place that is not there counts for nothing.",
  },
  {
    file: "src/breaker/lastOutcomes.ts",
    original: "new Array<number>(MIN_VOLUME)",
    replacement: "new Array()",
    why: "A time that is not there is before all others.",
  },
  {
    file: "src/breaker/lastOutcomes.ts",
    original: "(this.#next + 1) % MIN_VOLUME",
    replacement: "(this.#next + 1) * MIN_VOLUME",
    ends: "never",
    why: "Places twenty times further each time, and all between them are gone through.",
  },
  {
    file: "src/breaker/localBreaker.ts",
    original: "volumeOf(recent) < MIN_VOLUME",
    replacement: "volumeOf(recent) <= MIN_VOLUME",
    why: "Twenty in the last ten seconds are the last twenty.",
  },
];
