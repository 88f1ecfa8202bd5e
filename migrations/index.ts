/** All migrations, oldest first. A released migration is frozen: a change is a new file. */
import { CreateStreamTables1795430000001 } from './1795430000001-create-stream-tables.js';
import { CreateReviewTables1795430000002 } from './1795430000002-create-review-tables.js';
import { CreateQuoteTables1795430000003 } from './1795430000003-create-quote-tables.js';
import { CreateFunctions1795430000004 } from './1795430000004-create-functions.js';
import { CreateReviewViews1795430000005 } from './1795430000005-create-review-views.js';
import { CreateQuoteViews1795430000006 } from './1795430000006-create-quote-views.js';
import { CreatePipelineViews1795430000007 } from './1795430000007-create-pipeline-views.js';
import { CreateReaderRole1795430000008 } from './1795430000008-create-reader-role.js';
import { PublishDeadLetters1795430000009 } from './1795430000009-publish-dead-letters.js';
import { Notifications1795520000001 } from './1795520000001-notifications.js';
import { UnsettledReasons1795600000001 } from './1795600000001-unsettled-reasons.js';
import { ForecastSkill1795600000002 } from './1795600000002-forecast-skill.js';
import { SurgeExplanations1795610000003 } from './1795610000003-surge-explanations.js';
import { SurgeActions1795610000001 } from './1795610000001-surge-actions.js';
import { BaselineChanges1795610000002 } from './1795610000002-baseline-changes.js';
import { PruneOldRows1795630000001 } from './1795630000001-prune-old-rows.js';
import { ForecastStanding1795630600001 } from './1795630600001-forecast-standing.js';
import { ApiTokens1795640000001 } from './1795640000001-api-tokens.js';
import { ReplayOne1795640000002 } from './1795640000002-replay-one.js';
import { StatisticsWhereUsed1795650000001 } from './1795650000001-statistics-where-used.js';
import { WatchViews1795660700001 } from './1795660700001-watch-views.js';
import { Calendar1795670000001 } from './1795670000001-calendar.js';
import { CoverReads1795670700001 } from './1795670700001-cover-reads.js';
import { KnownWords1795740000001 } from './1795740000001-known-words.js';
import { Languages1795800000001 } from './1795800000001-languages.js';
import { PageAddress1795810000001 } from './1795810000001-page-address.js';
import { LookAlikes1795680000001 } from './1795680000001-look-alikes.js';
import { ModelSwitches1795660000001 } from './1795660000001-model-switches.js';
import { NewestSurges1795680700001 } from './1795680700001-newest-surges.js';
import { ProductGroups1795690000001 } from './1795690000001-product-groups.js';
import { ProductStanding1795710000001 } from './1795710000001-product-standing.js';
import { GroupThreads1795720000001 } from './1795720000001-group-threads.js';
import { GroupExplanations1795720000002 } from './1795720000002-group-explanations.js';
import { ExplainedTransitions1795720000003 } from './1795720000003-explained-transitions.js';
import { AlarmBudgets1795820000001 } from './1795820000001-alarm-budgets.js';
import { ProductSilence1795820000002 } from './1795820000002-product-silence.js';
import { GroupExcess1795950000001 } from './1795950000001-group-excess.js';
import { ProductRise1795930000001 } from './1795930000001-product-rise.js';
import { StarsBesideText1795970000001 } from './1795970000001-stars-beside-text.js';
import { StarsCounted1795990000001 } from './1795990000001-stars-counted.js';
import { SourceStates1795980000001 } from './1795980000001-source-states.js';
import { BudgetChanges1795990000002 } from './1795990000002-budget-changes.js';
import { OneSettlementIndex1795910000001 } from './1795910000001-one-settlement-index.js';

export const migrations = [
  CreateStreamTables1795430000001,
  CreateReviewTables1795430000002,
  CreateQuoteTables1795430000003,
  CreateFunctions1795430000004,
  CreateReviewViews1795430000005,
  CreateQuoteViews1795430000006,
  CreatePipelineViews1795430000007,
  CreateReaderRole1795430000008,
  PublishDeadLetters1795430000009,
  Notifications1795520000001,
  UnsettledReasons1795600000001,
  ForecastSkill1795600000002,
  SurgeExplanations1795610000003,
  SurgeActions1795610000001,
  BaselineChanges1795610000002,
  PruneOldRows1795630000001,
  ForecastStanding1795630600001,
  ApiTokens1795640000001,
  ReplayOne1795640000002,
  StatisticsWhereUsed1795650000001,
  WatchViews1795660700001,
  Calendar1795670000001,
  CoverReads1795670700001,
  LookAlikes1795680000001,
  ModelSwitches1795660000001,
  NewestSurges1795680700001,
  ProductGroups1795690000001,
  ProductStanding1795710000001,
  GroupThreads1795720000001,
  GroupExplanations1795720000002,
  ExplainedTransitions1795720000003,
  KnownWords1795740000001,
  Languages1795800000001,
  PageAddress1795810000001,
  AlarmBudgets1795820000001,
  ProductSilence1795820000002,
  ProductRise1795930000001,
  OneSettlementIndex1795910000001,
  GroupExcess1795950000001,
  StarsBesideText1795970000001,
  StarsCounted1795990000001,
  SourceStates1795980000001,
  BudgetChanges1795990000002,
] as const;
