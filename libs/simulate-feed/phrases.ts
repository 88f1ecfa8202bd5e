/** The words of the story's reviewers: per product what pleases and what annoys, and what goes around it. */
export interface Phrases {
  readonly praise: readonly string[];
  readonly blame: readonly string[];
}

/** What is said of any app, or of any thing. */
export const COMMON: Readonly<Record<'app' | 'thing', Phrases>> = {
  app: {
    praise: ['the app is fast and easy to use', 'the new design looks great', 'it is fast and wonderfully simple', 'support was friendly and very helpful', 'the widgets are wonderful', 'offline mode works perfectly', 'it saves me a lot of time every day', 'even the free plan is great'],
    blame: ['it drains my battery terribly', 'the ads are annoying and cover half of the screen', 'the notifications stopped working', 'support never answered my emails', 'the subscription is a rip off', 'it is painfully slow on my phone', 'the last redesign is awful and confusing', 'it freezes every time I open the settings'],
  },
  thing: {
    praise: ['the quality is excellent', 'it is well made', 'it is great value for the price', 'it looks great', 'it is easy to use', 'it is worth every cent', 'delivery was fast and the packing perfect', 'it is the best I have owned at this price'],
    blame: ['it arrived scratched and dented', 'the quality is poor and cheap', 'customer service refused a refund', 'it broke after a month', 'it is a waste of money', 'it looks nothing like the pictures', 'it smells awful', 'it stopped working after two weeks'],
  },
};

/** What is said of this product alone. */
export const OF_PRODUCT: Readonly<Record<string, Phrases>> = {
  'app-ferrypay': {
    praise: ['paying is quick and easy', 'splitting a bill with friends is so easy', 'transfers are fast and easy', 'the monthly overview is really helpful'],
    blame: ['my transfer has been stuck for three days, terrible', 'the fees are a rip off', 'it declined my card at the till, awful', 'the exchange rate is terrible'],
  },
  'app-lumenotes': {
    praise: ['everything syncs perfectly between my phone and tablet', 'the search is fast and great', 'the handwriting is wonderful', 'my notes are finally in order'],
    blame: ['the sync is broken and I lost a week of notes', 'the search is useless', 'the export is broken', 'it keeps deleting my notes, useless'],
  },
  'app-trailmate': {
    praise: ['the offline maps are excellent', 'the routes are excellent', 'the elevation profile is accurate', 'it is perfect for finding beautiful paths'],
    blame: ['it led us the wrong way, useless and dangerous', 'the maps are badly out of date', 'it loses the GPS signal all the time', 'it lost my recorded track, very disappointing'],
  },
  'app-parcelo': {
    praise: ['it finds every parcel by itself', 'the delivery times are accurate', 'one list for all my parcels is wonderful', 'the reminders are reliable and helpful'],
    blame: ['it shows the wrong status for days', 'half of the carriers do not work', 'it lost all my parcels after signing in', 'the delivery times are completely wrong'],
  },
  'app-quietly': {
    praise: ['I love falling asleep to it', 'the rain sounds are beautiful', 'the timer works perfectly', 'my baby loves the ocean sounds'],
    blame: ['the sound stops every night, so annoying', 'there is an audible click at every loop, awful', 'most sounds are locked now, what a rip off', 'an ad woke me up, terrible'],
  },
  'app-budgetbee': {
    praise: ['I finally know where my money goes', 'the bank connection works perfectly', 'the charts are clear and helpful', 'it helped me save for a holiday'],
    blame: ['it counts my salary twice, useless', 'the bank connection breaks every week', 'it lost all my data, terrible', 'the numbers are simply wrong'],
  },
  'kit-alder-kettle': {
    praise: ['it pours precisely and makes perfect coffee', 'it boils quickly and quietly', 'the temperature is always perfect', 'the handle is comfortable and stays cool'],
    blame: ['it started to leak', 'it is rusty already, poor quality', 'the lid does not close properly', 'it stopped boiling water, useless'],
  },
  'kit-nord-blender': {
    praise: ['it makes great smoothies, even with ice', 'the soups come out silky', 'it is quieter than my old one', 'cleaning it is very easy'],
    blame: ['it is terribly loud', 'the motor burned out', 'it leaks and is useless now', 'the blades are useless already'],
  },
  'kit-copperline-pan': {
    praise: ['eggs slide right off, love that', 'it heats quickly and evenly', 'the steaks come out perfect', 'it is so easy to clean'],
    blame: ['the coating came off already', 'everything sticks to it, terrible', 'the handle came loose and it feels dangerous', 'it warped on the first day'],
  },
  'kit-brewbird': {
    praise: ['the espresso is delicious', 'the milk foam is perfect', 'it heats up fast and is easy to use', 'it makes every morning a joy'],
    blame: ['the coffee is terrible, lukewarm and bitter', 'the pump is broken', 'it leaks all over the counter, terrible quality', 'cleaning it is a nightmare'],
  },
  'aud-wren-buds': {
    praise: ['the sound is rich and clear', 'the noise cancelling is excellent, I love it', 'they are very comfortable, even for hours', 'pairing was quick and easy'],
    blame: ['the left side stopped working', 'they keep losing the connection, so frustrating', 'they hurt my ears after ten minutes', 'the case will not charge any more'],
  },
  'aud-cello-bar': {
    praise: ['voices in films are finally easy to understand', 'the bass is excellent', 'it fills the whole room with clear sound', 'it connects to the television instantly'],
    blame: ['the sound is tinny and awful', 'there is a horrible hiss', 'it cuts out all the time, useless', 'the remote is useless'],
  },
  'aud-pico-speaker': {
    praise: ['it is small but surprisingly powerful', 'the battery lasts for days', 'it survived rain and sand', 'the sound is great for its size'],
    blame: ['the battery died after three weeks', 'it crackles at half volume', 'it will not charge any more', 'the volume is far too low'],
  },
  'aud-atlas-headset': {
    praise: ['my colleagues hear me perfectly', 'it is comfortable for a whole day of calls', 'calls sound great', 'the mute button is so handy'],
    blame: ['the microphone is useless, nobody hears me', 'the ear pads fell apart, poor quality', 'it disconnects in every call, useless', 'it squeezes my head terribly'],
  },
  'hom-hearth-thermostat': {
    praise: ['it saves a lot of energy', 'the schedule works like a charm', 'the house is always nice and warm', 'setting it up was easy'],
    blame: ['it loses the wifi every night', 'the house was freezing because it ignored the schedule', 'the temperature it shows is completely wrong', 'the setup is a nightmare'],
  },
  'hom-glow-bulbs': {
    praise: ['the colours are beautiful', 'the light is warm and pleasant', 'they are reliable and look wonderful', 'grouping the rooms is so easy'],
    blame: ['two of them died within a month', 'they flicker horribly', 'they stop responding all the time', 'they turn on at three at night, so annoying'],
  },
  'hom-sentry-cam': {
    praise: ['the picture is sharp, even at night', 'it only alerts me to people, excellent', 'setting it up was easy', 'we love it and feel much safer'],
    blame: ['the picture is blurry and useless', 'it misses half of the visitors, useless', 'the false alarms are terrible', 'the battery is empty after two days'],
  },
  'hom-dustling': {
    praise: ['it picks up everything, even dog hair', 'it finds its way back every time', 'it is quiet and thorough', 'the floors have never been so clean'],
    blame: ['it gets stuck all the time', 'it makes a terrible noise', 'it leaves half of the room dirty, useless', 'the brush broke'],
  },
  'out-ridge-tent': {
    praise: ['it kept us perfectly dry in the rain', 'it is easy to put up alone', 'there is plenty of room for two', 'it survived a stormy week'],
    blame: ['it leaks, we got soaked, terrible', 'the poles broke in a light wind, poor quality', 'the zip broke on the first trip', 'the fabric ripped after two days, terrible quality'],
  },
  'out-fjord-pack': {
    praise: ['it is very comfortable to carry', 'every zip runs smoothly', 'there is a pocket for everything', 'it is great for long trips'],
    blame: ['a strap broke on the first day', 'it is not waterproof at all', 'the buckles are cheap and break', 'it hurts my shoulders'],
  },
  'out-ember-stove': {
    praise: ['it is fast and works great', 'it packs down small', 'it works perfectly, even in wind', 'it is light and simple'],
    blame: ['the valve is broken, dangerous and useless', 'it will not light', 'it is unstable, dangerous and poorly made', 'it wastes so much gas, terrible'],
  },
  'wea-strata-jacket': {
    praise: ['it keeps the rain out and still breathes', 'it fits perfectly', 'it is light and warm', 'the hood is excellent'],
    blame: ['it is not waterproof at all', 'the zip broke, terrible quality', 'the seam ripped, poor quality', 'the size is completely wrong'],
  },
  'wea-mesa-shoes': {
    praise: ['they are comfortable from the first day', 'the grip is excellent on wet rock', 'the size is true', 'they still look new after three hundred kilometres'],
    blame: ['the sole came off, terrible quality', 'they gave me terrible blisters', 'they fell apart after a month', 'there is no grip on wet ground'],
  },
  'wea-tempo-watch': {
    praise: ['the battery lasts a whole week', 'the heart rate is accurate', 'I love how it motivates me', 'the display is clear in sunlight'],
    blame: ['the display died', 'the steps it counts are nonsense', 'the strap broke', 'it loses my runs all the time'],
  },
};

export const PRAISE_OPENERS: readonly string[] = ['Love it:', 'Really happy with this,', 'Great buy,', 'Very pleased so far,', 'Excellent.', 'Bought the {name} {when} and', 'After {when2} with the {name} I can say', 'Best decision this year,', 'Highly recommended,', 'Five stars,', 'I was skeptical, but', 'Wonderful:', 'So good,', ''];
export const PRAISE_CLOSERS: readonly string[] = ['Would buy again.', 'Highly recommend it.', 'Thank you!', 'My {person} wants one as well.', 'Very happy.', 'I am so happy with it.', 'Great work.', 'Exactly what I was looking for.', 'Keep it up!', 'Perfect.', 'Absolutely worth it.', 'Love it.', '👍', '😊', ''];
export const BLAME_OPENERS: readonly string[] = ['Very disappointed:', 'Terrible.', 'Do not buy this,', 'What a waste of money,', 'Very disappointed after {when2} with the {name},', 'Bought the {name} {when} and', 'I wanted to like it, but sadly', 'Awful experience,', 'Really frustrating:', 'Poor quality,', 'Never again,', 'Worst purchase this year,', 'Sadly', ''];
export const BLAME_CLOSERS: readonly string[] = ['I want my money back.', 'Avoid.', 'Very disappointed.', 'I am returning it.', 'Do not waste your money.', 'Not recommended.', 'My {person} had the same problem.', 'Unacceptable.', 'Fix this, please.', 'One star is too much.', 'So annoying.', '😡', '👎', ''];
export const PRAISE_TITLES: readonly string[] = ['Love it', 'Excellent', 'Very happy', 'Great value', 'Works perfectly', 'Highly recommended', 'Exactly right', 'So good', 'Impressed'];
export const BLAME_TITLES: readonly string[] = ['Disappointed', 'Do not buy', 'Broken', 'Waste of money', 'Terrible', 'Not good enough', 'Frustrating', 'Avoid', 'Let down'];
export const WHEN: readonly string[] = ['last week', 'two weeks ago', 'a month ago', 'for my birthday', 'on a whim', 'in spring', 'for a trip', 'for the office'];
export const WHEN2: readonly string[] = ['a few days', 'two weeks', 'a month', 'three months', 'half a year'];
export const PERSON: readonly string[] = ['wife', 'husband', 'daughter', 'son', 'mother', 'brother', 'neighbour', 'flatmate', 'colleague'];
export const MIXED: readonly string[] = ['It is okay.', 'Decent, nothing special.', 'Does what it should, no more.', 'Average for the price.', 'Fine for now.'];
export const SALE_PRAISE: readonly string[] = ['Got it in the sale and love it.', 'Amazing deal, half the price and excellent quality.', 'What a bargain, absolutely love it.', 'Fantastic price in the sale, great product.', 'Grabbed it in the spring sale, very happy.', 'At this price a wonderful buy.'];
