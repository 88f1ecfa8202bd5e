/** Plain sentences that any model of reviews in English must tell apart: a swapped sign or a wrong vocabulary shows at once. */
import { TidewatchError, type TextEncoder } from '#contracts';

const NEGATIVE = [
  'Terrible. It broke after two days and nobody answers.', 'Waste of money, do not buy this.', 'The worst app I have ever used.', 'It stopped working after a week, very disappointed.',
  'Awful quality, I want a refund.', 'Crashes every time I open it.', 'Horrible customer service and a defective product.', 'The battery died and the screen is broken.',
  'Completely useless, I hate it.', 'Poor sound, cheap plastic, bad fit.', 'I regret buying this, it never worked.', 'Boring, slow and badly made.',
];
const POSITIVE = [
  'Excellent, works perfectly and looks great.', 'I love it, best purchase of the year.', 'Great sound and very comfortable.', 'Highly recommended, fantastic value.',
  'Fast delivery and wonderful quality.', 'My kids enjoy it every day, we are very happy.', 'Easy to use and reliable.', 'Beautiful, sturdy and well made.',
  'Amazing app, it helps me a lot.', 'Perfect gift, she loves it.', 'Brilliant film with superb acting.', 'Very satisfied, I would buy it again.',
];
const NEEDED = 18;

/** How many of the 24 the model gets right. */
export async function probeSentences(encoder: TextEncoder): Promise<number> {
  const encoded = await encoder.encode([...NEGATIVE, ...POSITIVE]);
  return encoded.filter(({ logit }, i) => logit > 0 === i < NEGATIVE.length).length;
}

/** @throws MODEL_INVALID */
export async function requireSense(encoder: TextEncoder): Promise<void> {
  const right = await probeSentences(encoder);
  if (right >= NEEDED) return;
  throw new TidewatchError('MODEL_INVALID', `Model ${encoder.modelId} gets ${right} of ${NEGATIVE.length + POSITIVE.length} plain sentences right; expected at least ${NEEDED}. Its log odds must be those of "negative", and its vocabulary the one it was trained with. If it is for another language, add --unchecked.`);
}
