/** The detector's settings as the environment and the shared snapshot give them: worker and scheduler must agree on them. */
import { surgeSettings, type SurgeSettings } from '#detect-surge';
import type { Settings } from '#load-config';

/** `snapshot`: body of the newest snapshot of the reviews; its `products` is how many share the portfolio's budget; Calendar.settingsOf shares it out. Channels that were asked for by name are not gated. */
export function surgeSettingsOf({ surgeBudgetPerDay, surgePortfolioPerDay, surgeChannels, surgeTimeZone }: Settings, snapshot: unknown): SurgeSettings {
  const { products } = (snapshot ?? {}) as { readonly products?: unknown };
  return surgeSettings({
    budgetPerDay: surgeBudgetPerDay,
    portfolio: surgePortfolioPerDay === null ? null : { perDay: surgePortfolioPerDay, products: typeof products === 'number' ? products : 1 },
    ...(surgeTimeZone === 'UTC' ? {} : { timeZone: surgeTimeZone }),
    ...(surgeChannels === null ? {} : { channels: surgeChannels, countGate: 'none' as const }),
  });
}
