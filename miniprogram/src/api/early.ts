/** Answers to what the page asked for before this program stood (`src/early.ts`); in browsers alone. */

/** Return the answer to a call that was made early by the same person in the same language, once. */
export function takeEarly(url: string, headers: Record<string, string>): Early['answer'] | undefined {
  // #ifdef H5
  const at = (window.early ?? []).findIndex((one) => one.url === url && same(one.headers, headers))
  return at < 0 ? undefined : window.early?.splice(at, 1)[0]?.answer
  // #endif
  // #ifndef H5
  return undefined
  // #endif
}

function same(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
