/** As much of Grafana's dashboard JSON as the tests look at. */
export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** Least $__interval, such as 1m. */
  readonly interval?: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly noValue: string }; readonly overrides: readonly { readonly matcher: { readonly options: string }; readonly properties: readonly { readonly id: string; readonly value: unknown }[] }[] };
  readonly targets: readonly { readonly rawSql: string; readonly format: 'time_series' | 'table' }[];
}

export interface QueryVariableModel {
  readonly type: 'query';
  readonly name: string;
  readonly query: string;
  readonly multi?: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly time: { readonly from: string };
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly (QueryVariableModel | { readonly type: 'datasource' | 'textbox' })[] };
  readonly annotations: { readonly list: readonly { readonly target?: { readonly rawSql?: string } }[] };
}
