/** zod to the response of an OpenAPI 3.1 document: its JSON Schema is the dialect that OpenAPI 3.1 uses. */
import type { ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { z } from 'zod';

type Schema = NonNullable<Extract<ApiResponseNoStatusOptions, { schema: unknown }>['schema']>;

export function answers(schema: z.ZodType, description = 'The answer.'): ApiResponseNoStatusOptions {
  return { description, schema: schemaOf(schema) };
}

/** The types of @nestjs/swagger are those of OpenAPI 3.0; the document is 3.1. */
export function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12' });
  return json as Schema;
}
