/** What `npm start` says once all is up: where everything is, and four lines worth pasting. */
export function greeting({ url, proxyUrl, adminToken }: { url: string; proxyUrl: string; adminToken: string }): string {
  return `
Breakwater runs at ${url}
  cluster            npm run cluster -- status
  Neon endpoint      ${proxyUrl} (faults: PUT ${proxyUrl}/faults/node-2)
  query statistics   curl -s -H 'Authorization: Bearer ${adminToken}' ${url}/admin/queries

Try it, in another terminal:
  curl -si '${url}/api/pitches?genre=drama&limit=3'
  npm run cluster -- kill replica; curl -si '${url}/api/pitches?limit=1' | grep -i breakwater-route
  npm run cluster -- kill primary; sleep 11; curl -s ${url}/health; sleep 2; curl -s ${url}/health
  npm run cluster -- start primary; npm run cluster -- start replica; curl -s ${url}/health; sleep 2; curl -s ${url}/health

Ctrl-C stops all of it.`;
}
