/**
 * What Postgres cannot hold becomes U+FFFD: the character U+0000 in text and jsonb, and lone surrogates, which have
 * no UTF-8. The rule is the same for both, so a text and the JSON that quotes it stay comparable; everything else is
 * kept to the byte. (Refusing such a review would lose it; escaping it would make every reader unescape.)
 */
export function storableText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** Escapes in JSON text: a surrogate pair is kept, then lone surrogates and NUL are caught, then any other escape is passed over. */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})|\\[^]/g;

/** JSON text that jsonb takes. Works on the text, so that numbers keep digits that a parse would lose. */
export function storableJson(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(ESCAPES, (escape) => (escape.length === 6 ? '\ufffd' : escape));
}
