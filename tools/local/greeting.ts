/** What `npm start` says once all is up: where everything is, and a few lines worth pasting. */
export function greeting({ url, proxyUrl, adminToken }: { url: string; proxyUrl: string; adminToken: string }): string {
  const admin = `curl -s -H 'Authorization: Bearer ${adminToken}' ${url}`;
  const browse = `'${url}/api/pitches?limit=1'`;
  const cold = `'${url}/api/pitches?limit=2'`;
  return `
Breakwater runs at ${url}
  cluster            npm run cluster -- status
  Neon endpoint      ${proxyUrl} (faults: PUT ${proxyUrl}/faults/node-2)
  admin              ${admin}/admin
  metrics            ${admin}/metrics

Try it, in another terminal:
  curl -si '${url}/api/pitches?genre=drama&limit=3'
  curl -si '${url}/api/pitches?genre=drama&limit=3' | grep -i cache-status
  npm run cluster -- kill replica; curl -si ${browse} | grep -i breakwater-route
  for n in 1 2 3; do npm run cluster -- kill node-$n; done
  for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code} in %{time_total} s, a copy\\n' ${browse}; done
  for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code} in %{time_total} s, nobody asked before\\n' ${cold}; done
  ${admin}/admin/breaker; curl -s ${url}/health
  for n in 1 2 3; do npm run cluster -- start node-$n; done; sleep 8; ${admin}/admin/breaker

Ctrl-C stops all of it.`;
}
