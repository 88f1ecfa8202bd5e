/** Who acts, as they said last time. A browser may refuse storage to a page; then the name is typed again. */
const NAME_KEY = 'tidewatch name';

export function rememberedName() {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

export function rememberName(value) {
  try {
    localStorage.setItem(NAME_KEY, value);
  } catch {
    // see above
  }
}
