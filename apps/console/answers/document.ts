/** The OpenAPI 3.1 document, out of the controllers, and a viewer for it from this host alone. */
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Express } from 'express';
import { schemaOf } from './answer.js';
import { Problem } from './schemas.js';

const VIEWER = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tidewatch API</title><link rel="icon" href="../icon.svg"><link rel="stylesheet" href="viewer/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="viewer/swagger-ui-bundle.js" defer></script><script src="../api-viewer.js" defer></script></body>
</html>
`;

export function documentOf(app: NestExpressApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0').setTitle('Tidewatch').setVersion('1')
    .setDescription('Surges, products, forecasts and pipeline, read from the public views; what people do about surges, by the public functions; messages into the streams. Faults are application/problem+json.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token of "tidewatch token create".' }, 'token')
    .addSecurityRequirements('token')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (controller, method) => `${controller.replace('Controller', '').toLowerCase()}.${method}` });
  const problem = { description: 'What was found and what was expected.', content: { 'application/problem+json': { schema: schemaOf(Problem) } } };
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.delete]) if (operation !== undefined) operation.responses['default'] = problem;
  }
  return document;
}

export function serveDocument(app: NestExpressApplication): void {
  const document = JSON.stringify(documentOf(app));
  const http: Express = app.getHttpAdapter().getInstance();
  http.get('/api/openapi.json', (_, response) => void response.type('application/json').send(document));
  http.get('/api/docs', (_, response) => void response.type('html').send(VIEWER));
  const swagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
  app.useStaticAssets(dirname(swagger.resolve('swagger-ui-dist/package.json')), { prefix: '/api/viewer/', index: false });
}
