/**
 * Who is told, and how it is grouped: by alert, so that an outage that makes fifty products surge is one message that names fifty
 * products. The address comes from Grafana's environment. Provisioning replaces the whole tree of policies: a Grafana that
 * serves others too takes the rules and leaves this file out.
 */
import { ContactPointBuilder, NotificationPolicyBuilder } from '@grafana/grafana-foundation-sdk/alerting';

const RECEIVER = 'Tidewatch';

const contact = new ContactPointBuilder().name(RECEIVER).uid('tidewatch-email').type('email').disableResolveMessage(false)
  .settings({ addresses: '$TIDEWATCH_ALERT_EMAIL', singleEmail: true }).build();

const policy = new NotificationPolicyBuilder().receiver(RECEIVER).groupBy(['grafana_folder', 'alertname']).groupWait('30s').groupInterval('5m').repeatInterval('12h')
  .routes([new NotificationPolicyBuilder().receiver(RECEIVER).groupBy(['grafana_folder', 'alertname']).objectMatchers([['severity', '=', 'critical']]).groupWait('10s').groupInterval('1m').repeatInterval('2h')])
  .build();

const { name, ...receiver } = contact;

export const contactFile = { apiVersion: 1, contactPoints: [{ orgId: 1, name, receivers: [receiver] }], policies: [{ orgId: 1, ...policy }] };
