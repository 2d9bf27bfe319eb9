/** Tells which template a path has, as the router does: a literal wins, slashes at the end count for nothing. */
export function pathMatcher(templates: readonly string[]): (pathname: string) => string | undefined {
  const patterns = templates
    .map((template) => ({ template, pattern: new RegExp(`^${patternOf(template)}/*$`) }))
    .sort((a, b) => a.template.split("{").length - b.template.split("{").length);
  return (pathname) => patterns.find(({ pattern }) => pattern.test(pathname))?.template;
}

function patternOf(template: string): string {
  return template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+?");
}
