/** Methods that change nothing, so that a foreign page gains nothing by sending them. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request that a cookie authenticated may change something: browsers send cookies along by themselves, so
 * the request must say that a page of this site made it. Browsers set `Sec-Fetch-Site` and `Origin`; pages cannot.
 */
export function isSameSite(request: Request, url: URL): boolean {
  if (SAFE_METHODS.has(request.method)) return true;
  const fetchSite = request.headers.get("sec-fetch-site");
  if (fetchSite !== null) return fetchSite === "same-origin" || fetchSite === "same-site";
  const origin = request.headers.get("origin");
  return origin !== null && URL.parse(origin)?.host === url.host;
}
