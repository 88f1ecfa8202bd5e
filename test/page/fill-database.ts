/** A database as those meet it who only read: products with surges, symbols with forecasts and how they stand, and a pipeline that runs. */
import type pg from 'pg';
import type { TestDatabase } from '#testkit';
import { fillPipeline, fillQuotes, fillStandings } from './fixture-quotes.js';
import { fillReviews } from './fixture-reviews.js';

/** @returns a connection of the database's owner */
export async function fillDatabase(database: TestDatabase, now: number, bars: number): Promise<pg.Client> {
  const owner = await database.connect();
  await fillReviews(owner, now);
  await fillQuotes(owner, now, bars);
  await fillStandings(database.url);
  await fillPipeline(owner, now);
  return owner;
}

/** A connection as those who may read the public views and nothing else. */
export async function connectAsReader(database: TestDatabase): Promise<pg.Client> {
  const reader = await database.connect();
  await reader.query('SET ROLE tidewatch_reader');
  return reader;
}
