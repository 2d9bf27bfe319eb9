/** Tells which templates a path has, as the router does: literals before parameters, slashes at the end count for nothing. */
export function pathMatcher(templates: readonly string[]): (pathname: string) => readonly string[] {
  const patterns = templates
    .map((template) => ({ template, pattern: new RegExp(`^${patternOf(template)}/*$`) }))
    .sort((a, b) => a.template.split("{").length - b.template.split("{").length);
  return (pathname) => patterns.filter(({ pattern }) => pattern.test(pathname)).map(({ template }) => template);
}

function patternOf(template: string): string {
  return template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+?");
}
