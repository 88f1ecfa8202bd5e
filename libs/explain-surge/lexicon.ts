/**
 * Aspects of products and services, and the words that speak of them. Edit freely: a word ending in * stands for all that begin so;
 * two words stand for a phrase. What is not listed is still found, as a term.
 */
export const ASPECTS: Readonly<Record<string, readonly string[]>> = {
  battery: ['batter*', 'charge', 'charges', 'charged', 'charger*', 'charging', 'recharg*', 'power bank'],
  delivery: ['deliver*', 'shipping', 'shipped', 'shipment*', 'courier*', 'parcel*', 'arrived late', 'never arrived', 'tracking'],
  packaging: ['packag*', 'unboxing', 'sealed', 'box was', 'bubble wrap'],
  price: ['price*', 'pricing', 'expensive', 'overpriced', 'cost', 'costs', 'cheaper', 'value for'],
  payment: ['payment*', 'billing', 'billed', 'charged twice', 'credit card', 'invoice*', 'refund*', 'subscription*', 'cancel*'],
  crash: ['crash*', 'freez*', 'frozen', 'hangs', 'force close', 'black screen', 'stopped working', 'error*'],
  login: ['login*', 'log in', 'logged out', 'logs out', 'password*', 'sign in', 'signed out', 'account*', 'verification', 'household'],
  update: ['update*', 'upgrad*', 'new version', 'latest version', 'firmware'],
  speed: ['slow', 'slower', 'lag', 'lags', 'laggy', 'lagging', 'sluggish', 'loading', 'buffer*'],
  connection: ['wifi', 'wi fi', 'bluetooth', 'internet', 'connect*', 'disconnect*', 'pairing', 'network', 'offline'],
  screen: ['screen*', 'display*', 'touchscreen', 'pixel*', 'brightness', 'resolution'],
  sound: ['sound*', 'audio', 'speaker*', 'volume', 'noise', 'noisy', 'microphone*', 'headphone*', 'loud'],
  video: ['video*', 'picture quality', 'subtitle*', 'playback', 'cast', 'casting', 'chromecast'],
  ads: ['ads', 'advert*', 'commercials', 'spam'],
  support: ['support', 'customer service', 'helpdesk', 'representative*', 'warranty', 'chat agent'],
  quality: ['broke', 'broken', 'breaks', 'defect*', 'flimsy', 'cheaply made', 'poor quality', 'fell apart', 'crack*', 'faulty'],
  size: ['size*', 'too small', 'too big', 'too large', 'tight', 'heavy', 'bulky'],
  setup: ['setup', 'set up', 'install*', 'instructions', 'manual', 'configure*'],
  safety: ['smoke', 'burn*', 'overheat*', 'too hot', 'swell*', 'swollen', 'dangerous', 'caught fire', 'fire hazard', 'electric shock'],
  content: ['content', 'movie*', 'series', 'shows', 'episode*', 'catalog*', 'selection'],
};
