const JSON_TYPE = { "Content-Type": "application/json" };

const PITCH = {
  title: "Before",
  logline: "What everybody sees, and when.",
  genre: "drama",
  format: "feature",
  stage: "script",
};

/** Somebody with published pitches of their own, who changes them from one isolate. */
export class Author {
  readonly #url: string;
  readonly #token: string;
  /** Their paths. */
  readonly pitches: readonly string[];

  private constructor(url: string, token: string, pitches: readonly string[]) {
    this.#url = url;
    this.#token = token;
    this.pitches = pitches;
  }

  static async at(url: string, pitches: number): Promise<Author> {
    const email = `${crypto.randomUUID()}@example.com`;
    const account = { email, password: "correct horse", name: "An Author", role: "creator" };
    const { body } = await send(url, "/api/auth/register", { method: "POST", json: account });
    const token = String(body.token);
    const paths: string[] = [];
    for (let made = 0; made < pitches; made++) {
      const created = await send(url, "/api/pitches", { method: "POST", json: PITCH, token });
      const path = `/api/pitches/${created.body.id}`;
      await send(url, `${path}/publish`, { method: "POST", token });
      paths.push(path);
    }
    return new Author(url, token, paths);
  }

  /** Renames a pitch in a session of its own; what to send to be shown it. */
  async rename(pitch: string, title: string): Promise<string> {
    const { headers } = await send(this.#url, pitch, { method: "PATCH", json: { title }, token: this.#token });
    return headers.get("Breakwater-Session") ?? "";
  }
}

interface Sent {
  readonly method: string;
  readonly json?: unknown;
  readonly token?: string;
}

async function send(url: string, path: string, { method, json, token }: Sent) {
  const response = await fetch(url + path, {
    method,
    headers: { ...JSON_TYPE, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(body)}`);
  return { headers: response.headers, body };
}
