/** The data source of every panel: a variable, so that a dashboard can be imported beside another Postgres; provisioning names its own. */
export const DATASOURCE_TYPE = 'grafana-postgresql-datasource';
/** Name and uid under which dashboards/provisioning makes it. */
export const PROVISIONED = { text: 'Tidewatch', value: 'tidewatch' } as const;
export const DATASOURCE = { type: DATASOURCE_TYPE, uid: '${datasource}' } as const;
