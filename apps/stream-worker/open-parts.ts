/** Opens the stream's two ends over what the settings name: a broker, or the file log. */
import { TidewatchError, type StreamConsumer, type StreamProducer } from '#contracts';
import { createFileConsumer, createFileProducer } from '#consume-files';
import { createKafkaConsumer, createKafkaProducer } from '#consume-kafka';
import type { Settings } from '#load-config';
import type { Logger } from './logger.js';

const neither = () =>
  new TidewatchError('SETTING_INVALID', 'Neither KAFKA_BROKERS nor STREAM_FOLDER is set: expected one of them, to know where the streams are. npm start sets it by itself.');

export function openConsumer(settings: Settings, topic: string, stream: string, logger: Logger): StreamConsumer {
  const onNotice = (level: 'info' | 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>> = {}) => logger[level](detail, message);
  if (settings.kafka !== null) {
    return createKafkaConsumer({ ...settings.kafka, clientId: `tidewatch-${stream}`, groupId: `${settings.groupPrefix}.${stream}`, topics: [topic], onNotice });
  }
  if (settings.streamFolder !== null) return createFileConsumer({ folder: settings.streamFolder, topics: [topic], groupId: `${settings.groupPrefix}.${stream}`, onNotice });
  throw neither();
}

export function openProducer(settings: Settings): StreamProducer {
  if (settings.kafka !== null) return createKafkaProducer({ ...settings.kafka, clientId: 'tidewatch-producer' });
  if (settings.streamFolder !== null) return createFileProducer({ folder: settings.streamFolder });
  throw neither();
}
