/**
 * Tokens of the HTTP API. Only the SHA-256 of a token's secret is stored: the secret is 256 random bits, so there is nothing to guess
 * and no slow hash is needed. internal.api_token is written by `tidewatch token` alone; the console asks for one row by its id, as
 * tidewatch_operator, and compares by itself, in constant time. Revoked and expired tokens have no row for the console.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiTokens1795640000001 implements MigrationInterface {
  readonly name = 'ApiTokens1795640000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.api_token (
  token_id text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('read', 'write', 'ingest')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
COMMENT ON TABLE internal.api_token IS 'Tokens of the HTTP API, by the hash of their secret.';

CREATE FUNCTION tidewatch.token_of(id text) RETURNS TABLE (role text, secret_hash bytea) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE internal.api_token SET last_used_at = clock_timestamp()
  WHERE token_id = id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute');
  SELECT t.role, t.secret_hash FROM internal.api_token t
  WHERE t.token_id = id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
$$;
REVOKE ALL ON FUNCTION tidewatch.token_of(text) FROM PUBLIC;
COMMENT ON FUNCTION tidewatch.token_of(text) IS 'Role and SHA-256 of the secret of a token that is valid now; no row for any other. For the console.';

CREATE FUNCTION internal.grant_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION tidewatch.token_of(text) TO tidewatch_operator;
  END IF;
END $$;
REVOKE ALL ON FUNCTION internal.grant_tokens() FROM PUBLIC;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP FUNCTION internal.grant_tokens();
DROP FUNCTION tidewatch.token_of(text);
DROP TABLE internal.api_token;`);
  }
}
