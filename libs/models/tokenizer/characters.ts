/** Sorts code points into the few classes that the tokenizer knows. Classes are looked up once per code point and kept. */
export const SPACE = 1;
export const LETTER = 2;
export const DIGIT = 3;
/** A character that is a word, or nearly: Chinese, Japanese. Those scripts put no spaces between words. */
export const IDEOGRAPH = 4;
export const EMOJI = 5;
export const PUNCTUATION = 6;

export const ZERO_WIDTH_JOINER = 0x200d;
export const EMOJI_STYLE = 0xfe0f;

const classes = new Uint8Array(0x110000);

export function classOf(codePoint: number): number {
  const known = classes[codePoint]!;
  if (known !== 0) return known;
  return (classes[codePoint] = classify(codePoint));
}

/** Changes the emoji before it: style, skin tone, keycap, tag. */
export function modifiesEmoji(codePoint: number): boolean {
  return codePoint === EMOJI_STYLE || codePoint === 0xfe0e || codePoint === 0x20e3 || (codePoint >= 0x1f3fb && codePoint <= 0x1f3ff) || (codePoint >= 0xe0020 && codePoint <= 0xe007f);
}

export const isRegionalIndicator = (codePoint: number): boolean => codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff;

function classify(codePoint: number): number {
  const c = String.fromCodePoint(codePoint);
  if (modifiesEmoji(codePoint) || isRegionalIndicator(codePoint)) return EMOJI;
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(c)) return IDEOGRAPH;
  if (/\p{N}/u.test(c)) return DIGIT;
  // zero-width characters and soft hyphens hide inside words; normalising drops them
  if (/[\p{L}\p{M}\u200b-\u200d\ufeff\u00ad]/u.test(c)) return LETTER;
  if (/[\p{Extended_Pictographic}\p{So}]/u.test(c)) return EMOJI;
  if (/[\p{P}\p{S}]/u.test(c)) return PUNCTUATION;
  return SPACE;
}
