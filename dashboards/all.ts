/** The dashboards, and the text of the file that is generated for each: the same on every machine. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { forecasts } from './forecasts.js';
import { overview } from './overview.js';
import { pipeline } from './pipeline.js';
import { surges } from './surges.js';

export const dashboards: readonly Dashboard[] = [overview(), surges(), forecasts(), pipeline()];

/** File name to text. */
export const generatedFiles: ReadonlyMap<string, string> = new Map(dashboards.map((dashboard) => [`${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]));
