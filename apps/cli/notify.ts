/** `tidewatch notify test`: a message through every configured channel, with a verdict for each. */
import type { Command } from 'commander';
import { TidewatchError, type ChannelKind } from '#contracts';
import { CHANNEL_VARIABLE } from '#load-config';
import { openChannels } from '#notify-http';
import { settingsOfRun } from './running.js';

interface Verdict {
  readonly channel: ChannelKind;
  readonly ok: boolean;
  readonly ms: number;
  readonly reason: string | null;
}

export function registerNotify(program: Command): void {
  program
    .command('notify')
    .description('the ways out to people')
    .command('test')
    .description('send a test message through every configured channel and say how each answered')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  NOTIFY_SLACK_URL=https://hooks.example.com/services/T0/B0/x npm run tidewatch -- notify test\n')
    .action(async ({ json }: { json: boolean }) => {
      const { notify, page } = settingsOfRun();
      const channels = openChannels(notify, page.publicUrl);
      if (channels.length === 0) throw new TidewatchError('SETTING_INVALID', `No channel is configured. Expected at least one of ${Object.values(CHANNEL_VARIABLE).join(', ')}.`);
      const verdicts: Verdict[] = [];
      for (const channel of channels) {
        const begun = performance.now();
        const outcome = await channel.send({ type: 'test', id: `test-${Date.now()}` }, Date.now());
        verdicts.push({ channel: channel.kind, ok: outcome.kind === 'delivered', ms: Math.round(performance.now() - begun), reason: outcome.kind === 'delivered' ? null : outcome.reason });
        await channel.close();
      }
      process.stdout.write(json ? `${JSON.stringify(verdicts)}\n` : verdicts.map(lineOf).join(''));
      process.exitCode = verdicts.every(({ ok }) => ok) ? 0 : 1;
    });
}

const lineOf = ({ channel, ok, ms, reason }: Verdict): string =>
  (ok ? `✓ ${channel.padEnd(13)} took the test message in ${ms} ms\n` : `✗ ${channel.padEnd(13)} ${reason}\n${' '.repeat(16)}→ Check ${CHANNEL_VARIABLE[channel]} and what it points at.\n`);
