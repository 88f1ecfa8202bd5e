/**
 * The alarm budget in force for a product: its own, else its group's, else the default. Where all of them add up to more than the
 * portfolio may raise, each is cut by the same factor, so that what people asked for keeps its proportions and the sum its promise.
 */
import { LEAST_BUDGET, MOST_BUDGET, type ProductBudget, TidewatchError } from '#contracts';
import type { SurgeSettings } from './settings.js';

export class Budgets {
  private readonly own: ReadonlyMap<string, ProductBudget>;
  private readonly sum: number;

  constructor(budgets: readonly ProductBudget[]) {
    this.own = new Map(budgets.map((budget) => [budget.productId, budget]));
    this.sum = [...this.own.values()].reduce((sum, { perDay }) => sum + perDay, 0);
  }

  has(productId: string): boolean {
    return this.own.has(productId);
  }

  /** `productId` null: a product without a budget of its own. */
  inForce({ budgetPerDay, portfolio }: SurgeSettings, productId: string | null): Pick<SurgeSettings, 'budgetPerDay' | 'budgetSource'> {
    const own = productId === null ? undefined : this.own.get(productId);
    const asked = own?.perDay ?? budgetPerDay;
    const source = own === undefined ? 'default' : own.group === null ? 'product' : `group ${own.group}`;
    const all = this.sum + Math.max(0, Math.max(1, portfolio?.products ?? 1) - this.own.size) * budgetPerDay;
    if (portfolio === null || all <= portfolio.perDay) return { budgetPerDay: asked, budgetSource: source };
    return { budgetPerDay: Math.max(LEAST_BUDGET, (asked * portfolio.perDay) / all), budgetSource: `${source}, within the portfolio` };
  }
}

/** The budgets of a snapshot's body; SETTING_INVALID names the one that is wrong. */
export function budgetsFrom(given: unknown, what: string): readonly ProductBudget[] {
  if (given === undefined) return [];
  const refuse = (expected: string): never => {
    throw new TidewatchError('SETTING_INVALID', `${what}: expected ${expected}. Restore the row, or change any budget: the scheduler then writes the next snapshot.`);
  };
  if (!Array.isArray(given)) return refuse('"budgets" as a list');
  return given.map((each: unknown, i): ProductBudget => {
    const { productId, perDay, group } = (each ?? {}) as Partial<Record<keyof ProductBudget, unknown>>;
    if (typeof productId !== 'string' || !(group === null || typeof group === 'string')) return refuse(`budget ${i + 1} with a productId, and a group or null`);
    if (typeof perDay !== 'number' || !(perDay >= LEAST_BUDGET && perDay <= MOST_BUDGET)) return refuse(`budget ${i + 1} with ${LEAST_BUDGET} to ${MOST_BUDGET} false alarms a day`);
    return { productId, perDay, group };
  });
}
