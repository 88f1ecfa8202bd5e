export { parseBudget, parseChannels } from './budget.js';
export { compiledFile, projectRoot } from './paths.js';
export { addressOf, loadSettings, type KafkaSettings, type MetricsSettings, type Settings } from './settings.js';
export { CHANNEL_VARIABLE, type NotifySettings } from './notify.js';
