#!/bin/sh
# Runs once, when the database volume is empty. tidewatch_reader is the role that `tidewatch migrate` grants the views
# to; Grafana signs in as a member of it. GRAFANA_DB_PASSWORD is read by psql itself, so that any character is safe.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password GRAFANA_DB_PASSWORD
CREATE ROLE tidewatch_reader NOLOGIN;
CREATE ROLE grafana LOGIN IN ROLE tidewatch_reader CONNECTION LIMIT 20 PASSWORD :'password';
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '15s';
SQL
