/**
 * Word lists with rules, the rivals that need no training: VADER (Hutto and Gilbert 2014) and AFINN (Nielsen 2011), as npm's
 * vader-sentiment and sentiment have them. They are there for measuring alone, and left out where they are not installed.
 */
interface Rival {
  /** Log odds of "negative", on a scale of its own: only its sign and order mean something. */
  score(text: string): number;
}

/** A name that is not resolved when this is compiled: the packages belong to development. */
const optional = async (name: string): Promise<Record<string, unknown> | null> => {
  try {
    return await import(name) as Record<string, unknown>;
  } catch {
    return null;
  }
};

export async function wordListRivals(say: (line: string) => void): Promise<Record<string, Rival>> {
  const rivals: Record<string, Rival> = {};
  const vader = (await optional('vader-sentiment'))?.['default'] as { SentimentIntensityAnalyzer: { polarity_scores(text: string): { compound: number } } } | undefined;
  const afinn = (await optional('sentiment'))?.['default'] as (new () => { analyze(text: string): { score: number } }) | undefined;
  if (vader === undefined) say('without VADER: the package vader-sentiment is not installed');
  else rivals['VADER'] = { score: (text) => -4 * vader.SentimentIntensityAnalyzer.polarity_scores(text).compound };
  if (afinn === undefined) say('without AFINN: the package sentiment is not installed');
  else {
    const analyzer = new afinn();
    rivals['AFINN'] = { score: (text) => -analyzer.analyze(text).score / 4 };
  }
  return rivals;
}
